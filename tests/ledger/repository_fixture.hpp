// The repositories of a ledger over a store and in memory: what one of them promises both keep.
#pragma once

#include "ledger/ledger_fixture.hpp"
#include "tapedeck/ledger/repositories.hpp"
#include "temp_store.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

namespace tapedeck::test {

class StoredContract {
 public:
  LedgerRepositories& operator*() { return *ledger_; }

 private:
  TempStore store_;
  std::unique_ptr<LedgerRepositories> ledger_ = ledger_repositories(*store_);
};

class MemoryContract {
 public:
  LedgerRepositories& operator*() { return *ledger_; }

 private:
  std::unique_ptr<LedgerRepositories> ledger_ = memory_ledger_repositories();
};

// For TEST_CASE_TEMPLATE.
#define TAPEDECK_BOTH_LEDGERS tapedeck::test::StoredContract, tapedeck::test::MemoryContract

inline std::vector<std::string> client_ids(const std::vector<Order>& orders) {
  std::vector<std::string> ids;
  for (const Order& order : orders)
    ids.push_back(order.client_order_id);
  return ids;
}
using Ids = std::vector<std::string>;

inline Order created_at(LedgerRepositories& ledger, const std::string& client_id, int64_t ms,
                        std::string_view price, OrderSide side = OrderSide::buy) {
  return ledger.orders().create_order({.instrument = kApple,
                                       .side = side,
                                       .quantity = amount("10"),
                                       .price = amount(price),
                                       .client_order_id = client_id,
                                       .created_at = at_ms(ms)});
}

}  // namespace tapedeck::test
