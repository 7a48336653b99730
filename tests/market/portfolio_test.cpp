#include "tapedeck/market/portfolio.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

TEST_CASE("leverage is exposure over value, and none without value") {
  PortfolioSnapshot snapshot;
  CHECK_FALSE(leverage(snapshot));
  snapshot.portfolio_value = parse_amount("100").value();
  snapshot.gross_exposure = parse_amount("250").value();
  CHECK(leverage(snapshot) == parse_amount("2.5").value());
  snapshot.portfolio_value = parse_amount("-1").value();
  CHECK_FALSE(leverage(snapshot));
}

TEST_CASE("snapshots have three kinds") {
  CHECK(parse_snapshot_kind("EOD") == SnapshotKind::eod);
  CHECK(to_text(SnapshotKind::manual) == "manual");
  CHECK_FALSE(parse_snapshot_kind("daily"));
}

}  // namespace
}  // namespace tapedeck
