// Rows whose instrument or book stream nothing knows.
#pragma once

#include "duck/database.hpp"
#include "query/verify_klines.hpp"

namespace tapedeck {

void check_orphans(duck::Connection& reader, const UseFinding& use);

}  // namespace tapedeck
