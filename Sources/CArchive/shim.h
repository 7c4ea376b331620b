#pragma once

#include <archive.h>
#include <archive_entry.h>

// The kinds of entry: macros with casts, which Swift cannot see.
static const unsigned archive_kind_regular = AE_IFREG;
static const unsigned archive_kind_directory = AE_IFDIR;
static const unsigned archive_kind_symbolic_link = AE_IFLNK;
static const unsigned archive_kind_fifo = AE_IFIFO;
static const unsigned archive_kind_character_device = AE_IFCHR;
static const unsigned archive_kind_block_device = AE_IFBLK;
