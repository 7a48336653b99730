// Reading as the pool of readers wants it: in its turn, of one moment, within the time limit.
#pragma once

#include "duck/database.hpp"
#include "store/reader_pool.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace tapedeck {

// Returns what `work` returns, which reads on `connection` and nothing else. When it takes too long
// it is interrupted with Error{query_timeout}; `sql` is for that message.
int64_t read_in_turn(ReaderPool& readers, duck::Connection& connection, const std::string& sql,
                     const std::function<int64_t()>& work);

}  // namespace tapedeck
