// The house's SQLite by the names that rooms above know it by.
#pragma once

#include "civic/civic_tables.h"
