#pragma once

#include <zlib.h>

/// inflateInit2(3) for bare deflate streams: a window of 2^15 and no wrapper. A macro that Swift cannot see.
static inline int zlib_begin_inflate(z_stream *stream) {
    return inflateInit2(stream, -15);
}

/// inflate(3) as far as input and output allow.
static inline int zlib_inflate(z_stream *stream) {
    return inflate(stream, Z_NO_FLUSH);
}
