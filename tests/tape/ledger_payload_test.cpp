#include "tape/ledger_payload.hpp"

#include <doctest/doctest.h>

#include <random>

namespace tapedeck {
namespace {

template <typename Rows>
Rows again(const Rows& rows) {
  const FrameContent content{rows};
  const auto read = read_payload(
      {.kind = kind_of(content), .count = rows_of(content), .payload = to_payload(content)});
  REQUIRE(read.has_value());
  return std::get<Rows>(*read);
}

Order full_order() {
  Order order;
  order.order_id = named_uuid("order");
  order.client_order_id = "mine-1";
  order.venue_order_id = "5340845958";
  order.instrument = {.venue = "binance", .symbol = "BNBBTC"};
  order.strategy_id = "momentum";
  order.side = OrderSide::sell;
  order.type = OrderType::stop_limit;
  order.time_in_force = TimeInForce::fok;
  order.quantity = parse_amount("0.000284").value();
  order.price = parse_amount("52789.1").value();
  order.stop_price = parse_amount("52000").value();
  order.status_message = "a \"quoted\" word; and more";
  order.created_at = from_epoch_ns(1'616'627'567'900'000'001);
  order.updated_at = from_epoch_ns(2);
  order.correlation_id = named_uuid("correlation");
  order.parent_order_id = named_uuid("parent");
  order.extended_hours = true;
  order.metadata = R"({"algo_params":{"n":1}})";
  return order;
}

Fill full_fill() {
  Fill fill;
  fill.fill_id = named_uuid("fill");
  fill.order_id = named_uuid("order");
  fill.instrument = {.venue = "alpaca", .symbol = "MSFT"};
  fill.strategy_id = "x";
  fill.side = OrderSide::sell;
  fill.quantity = parse_amount("51").value();
  fill.price = parse_amount("427.3").value();
  fill.executed_at = from_epoch_ns(7);
  fill.reported_at = from_epoch_ns(8);
  fill.commission = parse_amount("-0.000000000001").value();
  fill.fees = parse_amount("99999999999999999999999999").value();
  fill.fee_currency = "BNB";
  fill.currency = "USD";
  fill.liquidity = Liquidity::taker;
  fill.exchange_trade_id = "ea7d39af";
  fill.correlation_id = named_uuid("correlation");
  return fill;
}

TEST_CASE("entries of orders come back as they were given") {
  const StatusChange change{.order_id = named_uuid("order"),
                            .status = OrderStatus::cancelled,
                            .at = from_epoch_ns(9),
                            .message = "by hand",
                            .venue_order_id = "17"};
  const OrderAmendment amendment{.order_id = named_uuid("order"),
                                 .at = from_epoch_ns(10),
                                 .quantity = parse_amount("2").value(),
                                 .stop_price = parse_amount("3").value()};
  const OrderRows read =
      again(OrderRows{.source = "manual", .entries = {full_order(), Order{}, change, amendment}});
  CHECK(read.source == "manual");
  REQUIRE(read.entries.size() == 4);
  CHECK(std::get<Order>(read.entries[0]) == full_order());
  CHECK(std::get<Order>(read.entries[1]) == Order{});
  const auto& status = std::get<StatusChange>(read.entries[2]);
  CHECK(status.order_id == change.order_id);
  CHECK(status.status == change.status);
  CHECK(status.at == change.at);
  CHECK(status.message == change.message);
  CHECK(status.venue_order_id == change.venue_order_id);
  const auto& amended = std::get<OrderAmendment>(read.entries[3]);
  CHECK(amended.at == amendment.at);
  CHECK(amended.quantity == amendment.quantity);
  CHECK_FALSE(amended.price);
  CHECK(amended.stop_price == amendment.stop_price);
}

TEST_CASE("entries of orders and fills that belong together keep their order") {
  const FillBust bust{.fill_id = named_uuid("fill"), .at = from_epoch_ns(3), .reason = "clearly"};
  const LedgerRows rows{
      .source = "desk",
      .entries = {OrderEntry{full_order()}, FillEntry{full_fill()},
                  OrderEntry{StatusChange{.order_id = named_uuid("order")}}, FillEntry{bust}}};
  CHECK(kind_of(rows) == FrameKind::ledger);
  const LedgerRows read = again(rows);
  CHECK(read.source == "desk");
  REQUIRE(read.entries.size() == 4);
  CHECK(std::get<Order>(std::get<OrderEntry>(read.entries[0])) == full_order());
  CHECK(std::get<Fill>(std::get<FillEntry>(read.entries[1])) == full_fill());
  CHECK(order_of(std::get<OrderEntry>(read.entries[2])) == named_uuid("order"));
  CHECK(std::get<FillBust>(std::get<FillEntry>(read.entries[3])).reason == "clearly");
}

TEST_CASE("entries of fills come back as they were given") {
  const FillBust bust{.fill_id = named_uuid("fill"), .at = from_epoch_ns(3), .reason = "clearly"};
  const FillAmendment amendment{
      .fill = full_fill(), .at = from_epoch_ns(4), .reason = "price was wrong"};
  const FillRows read =
      again(FillRows{.source = "rest", .entries = {full_fill(), Fill{}, bust, amendment}});
  REQUIRE(read.entries.size() == 4);
  CHECK(std::get<Fill>(read.entries[0]) == full_fill());
  CHECK(std::get<Fill>(read.entries[1]) == Fill{});
  CHECK(std::get<FillBust>(read.entries[2]).reason == "clearly");
  CHECK(std::get<FillAmendment>(read.entries[3]).fill == full_fill());
  CHECK(std::get<FillAmendment>(read.entries[3]).reason == amendment.reason);
}

TEST_CASE("marks and snapshots come back as they were given") {
  const MarkRows marks = again(MarkRows{.source = "api",
                                        .entries = {{.instrument = {"binance", "BTCUSDT"},
                                                     .at = from_epoch_ns(5),
                                                     .price = parse_amount("100.5").value()}}});
  REQUIRE(marks.entries.size() == 1);
  CHECK(marks.entries[0].instrument.symbol == "BTCUSDT");
  CHECK(to_text(marks.entries[0].price) == "100.5");
  PortfolioSnapshot snapshot;
  snapshot.at = from_epoch_ns(6);
  snapshot.kind = SnapshotKind::eod;
  snapshot.cash_balance = parse_amount("-1.25").value();
  snapshot.margin_used = parse_amount("3").value();
  snapshot.long_positions = 4;
  const PortfolioRows read = again(PortfolioRows{.entries = {snapshot}});
  REQUIRE(read.entries.size() == 1);
  CHECK(read.entries[0] == snapshot);
}

TEST_CASE("damaged entries are refused, never read as others") {
  const FrameContent content{OrderRows{.source = "api", .entries = {full_order()}}};
  const std::vector<std::byte> good = to_payload(content);
  for (size_t length = 0; length < good.size(); ++length) {
    CHECK_FALSE(
        read_payload({.kind = FrameKind::orders,
                      .count = 1,
                      .payload = {good.begin(), good.begin() + static_cast<long>(length)}}));
  }
  std::mt19937 random{1};
  for (int i = 0; i < 2'000; ++i) {
    Frame frame{.kind = FrameKind::orders, .count = 1, .payload = good};
    frame.payload[random() % good.size()] ^= static_cast<std::byte>(1 + random() % 255);
    (void)read_payload(frame);  // a value or a reason, no crash
  }
}

}  // namespace
}  // namespace tapedeck
