// The views that repositories of a ledger are asked by, as values of C++.
#pragma once

#include "store/entity_view.hpp"
#include "store/order_rows.hpp"
#include "tapedeck/ledger/reading.hpp"

#include <cstdint>
#include <string>

namespace tapedeck {

struct SnapshotRow {
  int64_t snapshot_id = 0;
  PortfolioSnapshot snapshot;
  std::string source;
};

const EntityView<OrderRow>& order_view();
const EntityView<FillWithEffect>& fill_view();
const EntityView<PositionSnapshot>& position_view();
const EntityView<SnapshotRow>& portfolio_view();

}  // namespace tapedeck
