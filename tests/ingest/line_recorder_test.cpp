#include "ingest/line_recorder.hpp"

#include "temp_store.hpp"
#include "thrown.hpp"
#include "trade_rows.hpp"

#include <doctest/doctest.h>

#include <string>

namespace tapedeck {
namespace {

using test::TempStore;

TableFormat trades_format() {
  TableFormat format;
  format.instrument = InstrumentName{.venue = "binance", .symbol = "BTCUSDT"};
  return format;
}

std::string csv_of(int64_t first_id, int64_t rows) {
  std::string text;
  for (int64_t id = first_id; id < first_id + rows; ++id) {
    text += std::to_string(1'700'000'000'000 + id) + "," + std::to_string(id) + ",100.5,0.25,buy\n";
  }
  return text;
}

void give(LineRecorder& recorder, std::string_view text) {
  recorder.take({text.data(), text.size()});
}

TEST_CASE("acknowledgements come in the order of the lines and count accepted rows only") {
  TempStore store;
  std::vector<std::pair<uint64_t, int64_t>> acknowledged;
  {
    LineRecorder recorder{
        *store, trades_format(), LineFormat::csv, {}, [&](uint64_t sequence, int64_t rows) {
          acknowledged.emplace_back(sequence, rows);
        }};
    give(recorder, "time,trade_id,price,quantity,side\n" + csv_of(1, 10));
    CHECK(recorder.waiting_rows() == 10);
    recorder.submit();
    give(recorder, csv_of(11, 5) + "1700000000016,16,-1,1,buy\n" + csv_of(17, 2));
    CHECK(recorder.waiting_rows() == 7);
    recorder.submit();
    CHECK(recorder.waiting_rows() == 0);
    give(recorder, "1700000000030,30,1,1,sell");  // without its end
    recorder.finish();
    CHECK(recorder.acknowledged_rows() == 18);
    CHECK(recorder.refused() == 1);
    const auto errors = recorder.take_errors();
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].line == 17);
    CHECK(errors[0].reason.find("price") == 0);
  }
  REQUIRE(acknowledged.size() == 3);
  CHECK(acknowledged[0].second == 10);
  CHECK(acknowledged[1].second == 7);
  CHECK(acknowledged[2].second == 1);
  CHECK(acknowledged[0].first < acknowledged[1].first);
  Writer{*store}.flush();
  CHECK(test::stored_trades(*store, store->instrument("BTCUSDT")).size() == 18);
}

TEST_CASE("rows with and without ids are acknowledged together") {
  TempStore store;
  std::vector<int64_t> acknowledged;
  LineRecorder recorder{*store, trades_format(), LineFormat::csv, {}, [&](uint64_t, int64_t rows) {
                          acknowledged.push_back(rows);
                        }};
  give(recorder,
       "time,trade_id,price,quantity,side\n1700000000001,1,5,1,buy\n1700000000002,,5,1,\n");
  recorder.finish();
  CHECK(acknowledged == std::vector<int64_t>{2});
}

TEST_CASE("a header that lies is an error with words") {
  TempStore store;
  LineRecorder recorder{*store, trades_format(), LineFormat::csv, {}, [](uint64_t, int64_t) {}};
  test::check_refused(ErrorCode::bad_input, {"price"},
                      [&] { give(recorder, "time,cost,quantity\n1700000000001,5,1\n"); });
}

TEST_CASE("an instrument of an unknown venue is refused, or its venue is added") {
  TempStore store;
  TableFormat format = trades_format();
  format.instrument = InstrumentName{.venue = "mars", .symbol = "BTCUSDT"};
  {
    LineRecorder recorder{*store, format, LineFormat::csv, {}, [](uint64_t, int64_t) {}};
    give(recorder, "time,price,quantity\n1700000000001,5,1\n");
    test::check_refused(ErrorCode::invalid_argument, {"unknown venue 'mars'"},
                        [&] { recorder.submit(); });
  }
  format.new_venue = true;
  LineRecorder recorder{*store, format, LineFormat::csv, {}, [](uint64_t, int64_t) {}};
  give(recorder, "time,price,quantity\n1700000000001,5,1\n");
  recorder.finish();
  CHECK(store->instrument("mars:BTCUSDT").name.venue == "mars");
}

}  // namespace
}  // namespace tapedeck
