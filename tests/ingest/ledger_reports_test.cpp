#include "ingest/ledger_reports.hpp"

#include "ledger/ledger_fixture.hpp"
#include "sql_rows.hpp"
#include "temp_store.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace tapedeck;
using namespace tapedeck::test;

namespace {

const InstrumentName kBitcoin{.venue = "binance", .symbol = "BTCUSDT"};

// About order `id`, to buy 10 at 100.
ExecutionReport report_of(const std::string& id, int64_t ms) {
  return {.at = at_ms(ms),
          .instrument = kBitcoin,
          .side = OrderSide::buy,
          .venue_order_id = id,
          .client_order_id = "mine-" + id,
          .quantity = amount("10"),
          .price = amount("100"),
          .type = OrderType::limit,
          .created_at = at_ms(1'000)};
}

ExecutionReport final_of(const std::string& id, int64_t ms, OrderStatus status,
                         const std::string& message) {
  ExecutionReport report = report_of(id, ms);
  report.status = status;
  report.message = message;
  return report;
}

ExecutionReport fill_of(const std::string& id, int64_t ms, std::string_view quantity,
                        const std::string& trade, FillScope scope = FillScope::one) {
  ExecutionReport report = report_of(id, ms);
  report.fill = ReportedFill{.scope = scope,
                             .quantity = amount(quantity),
                             .price = amount("99.5"),
                             .exchange_trade_id = trade};
  return report;
}

// One that no order is told of.
ExecutionReport bare_fill(int64_t ms, std::string_view quantity, OrderSide side = OrderSide::buy) {
  return {.at = at_ms(ms),
          .instrument = kBitcoin,
          .side = side,
          .fill = ReportedFill{.quantity = amount(quantity), .price = amount("99.5")}};
}

// Gives them in one call, in order; "orders 1, fills 2, moves 3, known 0; 4: reason".
std::string take(Store& store, const std::vector<ExecutionReport>& reports) {
  std::vector<ReportRow> rows;
  for (const ExecutionReport& report : reports)
    rows.push_back({.line = static_cast<int64_t>(rows.size()) + 1, .text = {}, .report = report});
  LedgerReports door{store};
  door.take(rows);
  Ledger{store}.settle();
  const LedgerImportResult& result = door.result();
  std::string line = fmt::format("orders {}, fills {}, moves {}, known {}", result.orders,
                                 result.fills, result.status_changes, result.duplicates);
  if (result.skipped > 0) line += fmt::format(", skipped {}", result.skipped);
  const std::vector<DecodeError> errors = door.take_errors();
  CHECK(result.rejects == static_cast<int64_t>(errors.size()));
  for (const DecodeError& error : errors)
    line += fmt::format("; {}: {}", error.line, error.reason);
  return line;
}

// "mine-1 partial 4 of 10"
std::string orders_line(const Store& store) {
  std::vector<std::string> lines;
  for (const Order& order : orders(store)) {
    std::string line = fmt::format("{} {} {} of {}", order.client_order_id, to_text(order.status),
                                   to_text(order.filled_quantity), to_text(order.quantity));
    if (order.status_message) line += fmt::format(" '{}'", *order.status_message);
    lines.push_back(std::move(line));
  }
  std::ranges::sort(lines);
  return fmt::format("{}", fmt::join(lines, "; "));
}

}  // namespace

TEST_CASE("reports lead an order from its begin to its end") {
  TempStore store;
  const std::vector<ExecutionReport> life{report_of("1", 1'000), fill_of("1", 2'000, "4", "t1"),
                                          fill_of("1", 3'000, "6", "t2")};
  CHECK(take(*store, life) == "orders 1, fills 2, moves 1, known 0");
  const Order order = find_order_by_client_id(*store, "mine-1").value();
  CHECK(order.status == OrderStatus::filled);
  CHECK(order.venue_order_id == "1");
  CHECK(order.submitted_at == at_ms(1'000));
  CHECK(order.filled_at == at_ms(3'000));
  CHECK(to_text(order.filled_notional) == "995");
  CHECK(take(*store, life) == "orders 0, fills 0, moves 0, known 3");
  CHECK(sql_line(*store,
                 "SELECT count(*), count(DISTINCT source), min(source) FROM "
                 "ledger.order_entries") == "4 1 import");
}

TEST_CASE("the venue's word tells why an order ended") {
  TempStore store;
  CHECK(take(*store, {report_of("1", 1'000), fill_of("1", 2'000, "4", "t1"),
                      final_of("1", 3'000, OrderStatus::cancelled, "EXPIRED"),
                      final_of("2", 4'000, OrderStatus::rejected, "NO_MONEY"),
                      final_of("3", 5'000, OrderStatus::cancelled, "CANCELED")}) ==
        "orders 3, fills 1, moves 4, known 0");
  CHECK(orders_line(*store) ==
        "mine-1 cancelled 4 of 10 'EXPIRED'; mine-2 rejected 0 of 10 "
        "'NO_MONEY'; mine-3 cancelled 0 of 10 'CANCELED'");
}

TEST_CASE("reports in another order than they happened") {
  TempStore store;
  SUBCASE("a fill before its order's begin makes both known") {
    CHECK(take(*store, {fill_of("1", 2'000, "4", "t1"), report_of("1", 1'000)}) ==
          "orders 1, fills 1, moves 1, known 1");
    CHECK(orders_line(*store) == "mine-1 partial 4 of 10");
  }
  SUBCASE("a fill that was on its way when the order was cancelled counts") {
    CHECK(take(*store, {final_of("1", 2'000, OrderStatus::cancelled, "CANCELED"),
                        fill_of("1", 1'500, "4", "t1")}) == "orders 1, fills 1, moves 1, known 0");
    CHECK(orders_line(*store) == "mine-1 cancelled 4 of 10 'CANCELED'");
  }
}

TEST_CASE("what an order cannot take is refused, and the rest goes on") {
  TempStore store;
  CHECK(take(*store, {fill_of("1", 1'000, "10", "t1"), fill_of("1", 2'000, "1", "t2"),
                      final_of("1", 3'000, OrderStatus::cancelled, "CANCELED"),
                      fill_of("1", 1'000, "9", "t1"), fill_of("1", 1'000, "10", "t1"),
                      final_of("2", 3'000, OrderStatus::rejected, "NO"),
                      fill_of("2", 4'000, "1", "t3"), fill_of("3", 5'000, "2", "t4")})
            .starts_with("orders 3, fills 2, moves 3, known 1; "
                         "2: a fill of 1 is more than the 0 that order 'mine-1' ("));
  CHECK(orders_line(*store) ==
        "mine-1 filled 10 of 10; mine-2 rejected 0 of 10 'NO'; mine-3 partial 2 of 10");
}

TEST_CASE("a report that is refused leaves nothing behind") {
  TempStore store;
  CHECK(take(*store, {fill_of("1", 1'000, "11", "t1")})
            .starts_with("orders 0, fills 0, moves 0, known 0; 1: a fill of 11 is more than"));
  CHECK(orders(*store).empty());
}

TEST_CASE("an order that was sent from here is found by its client_order_id") {
  TempStore store;
  Ledger ledger{*store};
  const Order sent = ledger.create_order({.instrument = kBitcoin,
                                          .side = OrderSide::buy,
                                          .quantity = amount("10"),
                                          .price = amount("100"),
                                          .client_order_id = "mine-1"});
  CHECK(take(*store, {report_of("1", 1'000), fill_of("1", 2'000, "4", "t1")}) ==
        "orders 0, fills 1, moves 1, known 0");
  const Order order = find_order(*store, sent.order_id).value();
  CHECK(order.status == OrderStatus::partial);
  CHECK(order.venue_order_id == "1");
  CHECK(take(*store, {report_of("1", 1'000), fill_of("1", 2'000, "4", "t1")}) ==
        "orders 0, fills 0, moves 0, known 2");
}

TEST_CASE("a client_order_id may come again with another order") {
  TempStore store;
  ExecutionReport second = report_of("2", 2'000);
  second.client_order_id = "mine-1";
  CHECK(take(*store, {report_of("1", 1'000), second}) == "orders 2, fills 0, moves 2, known 0");
  CHECK(take(*store, {report_of("1", 1'000), second}) == "orders 0, fills 0, moves 0, known 2");
}

TEST_CASE("new terms of an order are an amendment") {
  TempStore store;
  ExecutionReport amended = report_of("1", 2'000);
  amended.amended = true;
  amended.quantity = amount("12");
  CHECK(take(*store, {report_of("1", 1'000), amended, fill_of("1", 3'000, "11", "t1")}) ==
        "orders 1, fills 1, moves 2, known 0");
  CHECK(orders_line(*store) == "mine-1 partial 11 of 12");
  CHECK(take(*store, {report_of("1", 1'000), amended}) == "orders 0, fills 0, moves 0, known 2");
}

TEST_CASE("a fill may be told by what was filled so far") {
  TempStore store;
  CHECK(take(*store, {fill_of("1", 1'000, "4", "t1", FillScope::so_far),
                      fill_of("1", 2'000, "10", "t2", FillScope::so_far),
                      fill_of("1", 2'000, "10", "t2", FillScope::so_far)}) ==
        "orders 1, fills 2, moves 1, known 1");
  CHECK(orders_line(*store) == "mine-1 filled 10 of 10");
  CHECK(take(*store, {fill_of("1", 3'000, "4", "t3", FillScope::so_far)}) ==
        "orders 0, fills 0, moves 0, known 0; 1: it says that 4 were filled in all, and the ledger "
        "has fills of 10");
}

TEST_CASE("what was filled in all is one fill, unless fills are known") {
  TempStore store;
  ExecutionReport whole = fill_of("1", 1'000, "10", "x", FillScope::all);
  whole.fill->exchange_trade_id.reset();
  CHECK(take(*store, {whole}) == "orders 1, fills 1, moves 1, known 0");
  CHECK(take(*store, {whole}) == "orders 0, fills 0, moves 0, known 1");
  ExecutionReport other = fill_of("2", 2'000, "10", "x", FillScope::all);
  other.fill->exchange_trade_id.reset();
  CHECK(take(*store, {fill_of("2", 1'000, "4", "t1"), other}) ==
        "orders 1, fills 1, moves 1, known 0; 2: it says that 10 were filled in all, and the "
        "ledger has fills of 4");
}

TEST_CASE("fills without an order get one each") {
  TempStore store;
  CHECK(take(*store, {bare_fill(1'000, "4"), bare_fill(1'000, "4"),
                      bare_fill(2'000, "3", OrderSide::sell)}) ==
        "orders 3, fills 3, moves 3, known 0");
  for (const Order& order : orders(*store)) {
    CHECK(order.type == OrderType::market);
    CHECK(order.status == OrderStatus::filled);
    CHECK(order.metadata == R"({"synthetic":true})");
    CHECK(order.client_order_id == to_text(order.order_id));
  }
  CHECK(to_text(only_position(*store).position.quantity) == "5");
  // The file has grown by one row more that equals the first.
  CHECK(take(*store, {bare_fill(1'000, "4"), bare_fill(1'000, "4"), bare_fill(1'000, "4"),
                      bare_fill(2'000, "3", OrderSide::sell)}) ==
        "orders 1, fills 1, moves 1, known 3");
  CHECK(to_text(only_position(*store).position.quantity) == "9");
}

TEST_CASE("a fill whose order is known belongs to it") {
  TempStore store;
  ExecutionReport fill = bare_fill(2'000, "4");
  fill.venue_order_id = "1";
  CHECK(take(*store, {report_of("1", 1'000), fill}) == "orders 1, fills 1, moves 1, known 0");
  CHECK(orders_line(*store) == "mine-1 partial 4 of 10");
  CHECK(take(*store, {report_of("1", 1'000), fill}) == "orders 0, fills 0, moves 0, known 2");
}

TEST_CASE("fills of one order that is not known share its correlation_id") {
  TempStore store;
  ExecutionReport first = bare_fill(1'000, "4");
  ExecutionReport second = bare_fill(2'000, "5");
  first.venue_order_id = second.venue_order_id = "1";
  CHECK(take(*store, {first, second}) == "orders 2, fills 2, moves 2, known 0");
  const auto all = orders(*store);
  REQUIRE(all.size() == 2);
  CHECK(all[0].correlation_id == all[1].correlation_id);
  CHECK(all[0].venue_order_id == "1");
}

TEST_CASE("what the ledger does not take as a name is refused") {
  TempStore store;
  ExecutionReport blank = bare_fill(1'000, "1");
  blank.instrument.symbol = "BTC USDT";
  ExecutionReport none = bare_fill(1'000, "1");
  none.instrument.symbol = "";
  ExecutionReport longer = report_of(std::string(300, '1'), 1'000);
  ExecutionReport strange = bare_fill(1'000, "1");
  strange.fill->exchange_trade_id =
      "a\x1f"
      "b";
  CHECK(take(*store, {blank, none, longer, strange}) ==
        "orders 0, fills 0, moves 0, known 0; "
        "1: 'binance:BTC USDT' is no instrument: a symbol has neither blanks nor colons; "
        "2: 'binance:' is no instrument: a symbol has neither blanks nor colons; "
        "3: order_id has 300 bytes, and may have 255; "
        "4: trade_id holds the control character 0x1f");
}

TEST_CASE("a sum that no amount holds refuses its row") {
  TempStore store;
  ExecutionReport huge = bare_fill(1'000, "99999999999999999999999999");
  huge.fill->price = amount("99999999999999999999999999");
  const std::string line = take(*store, {huge, bare_fill(2'000, "1")});
  CHECK(
      line.starts_with("orders 1, fills 1, moves 1, known 0; 1: an amount of the ledger reaches"));
}

TEST_CASE("a word about an order whose terms nobody told is passed over") {
  TempStore store;
  ExecutionReport report = report_of("1", 1'000);
  report.quantity.reset();
  CHECK(take(*store, {report}) == "orders 0, fills 0, moves 0, known 0, skipped 1");
}
