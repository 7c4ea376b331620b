#pragma once

#include <isa-l/igzip_lib.h>
#include <isa-l.h>

/// The memory that level 1 wants; a macro that Swift cannot see.
static const unsigned isal_level_1_size = ISAL_DEF_LVL1_DEFAULT;
