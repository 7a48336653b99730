// Keys in a temporary table, so that one scan finds the rows of many of them.
#pragma once

#include "duck/transaction.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace tapedeck {

// The table `name` with the column `key`, while it lives. The transaction must outlive it.
class StagedKeys {
 public:
  StagedKeys(duck::Transaction& transaction, std::string name, std::span<const int64_t> keys);
  ~StagedKeys();
  StagedKeys(const StagedKeys&) = delete;
  StagedKeys& operator=(const StagedKeys&) = delete;

 private:
  duck::Transaction& transaction_;
  std::string name_;
};

}  // namespace tapedeck
