#pragma once

#include <zlib.h>

/// inflateInit2(3) for gzip members: a window of 2^15 and the gzip wrapper. A macro that Swift cannot see.
static inline int zlib_begin_gunzip(z_stream *stream) {
    return inflateInit2(stream, 15 + 16);
}

/// inflate(3) as far as input and output allow.
static inline int zlib_inflate(z_stream *stream) {
    return inflate(stream, Z_NO_FLUSH);
}
