#include "ingest/archive_file.hpp"

#include "archive_fixture.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

using namespace tapedeck;
using namespace tapedeck::test;

TEST_CASE("archives are found below folders, by name, each once") {
  const TempFolder folder;
  write_file(folder / "b/2.zip", "x");
  write_file(folder / "b/1.csv.gz", "x");
  write_file(folder / "a/3.csv", "x");
  write_file(folder / "a/3.csv.CHECKSUM", "x");
  write_file(folder / "readme.txt", "x");
  const std::filesystem::path paths[]{folder.path(), folder / "a/3.csv"};
  const auto found = find_files(paths);
  REQUIRE(found.size() == 3);
  CHECK(found[0].filename() == "3.csv");
  CHECK(found[1].filename() == "1.csv.gz");
  CHECK(found[2].filename() == "2.zip");
}

TEST_CASE("the tree tells market, kind, symbol and interval") {
  const ArchiveFile klines =
      classify("data/futures/cm/monthly/klines/BTCUSD_PERP/1h/BTCUSD_PERP-1h-2024-01.zip", {});
  CHECK(to_text(klines.instrument) == "binance-cm:BTCUSD_PERP");
  CHECK(klines.dataset == "klines:1h");
  const ArchiveFile trades =
      classify("data/spot/daily/trades/BTCUSDT/BTCUSDT-trades-2024-01-01.zip", {});
  CHECK(to_text(trades.instrument) == "binance:BTCUSDT");
  CHECK(trades.dataset == "trades");
}

TEST_CASE("what the path does not tell must be said, and must not contradict") {
  const TempFolder folder;
  const auto nameless = folder / "excerpt.csv";
  write_file(nameless, "1,2,3\n");
  check_refused(ErrorCode::invalid_argument, {"excerpt.csv", "--kind"},
                [&] { classify(nameless, {.market = "um"}); });
  check_refused(ErrorCode::invalid_argument, {"--symbol"},
                [&] { classify(nameless, {.market = "um", .kind = "trades"}); });
  check_refused(ErrorCode::invalid_argument, {"did you mean 'spot'"}, [&] {
    classify(nameless, {.market = "spott", .kind = "trades", .symbol = "BTCUSDT"});
  });
  check_refused(ErrorCode::invalid_argument, {"--interval"}, [&] {
    classify(nameless, {.market = "um", .kind = "klines", .symbol = "BTCUSDT"});
  });
  check_refused(ErrorCode::invalid_argument, {"tree of market spot", "um"}, [&] {
    classify("data/spot/daily/trades/BTCUSDT/BTCUSDT-trades-2024-01-01.zip", {.market = "um"});
  });
  check_refused(ErrorCode::invalid_argument, {"named for market um"},
                [&] { classify("um-BTCUSDT-trades-2024-01-01.zip", {.market = "spot"}); });
  check_refused(ErrorCode::unsupported, {"fundingRate", "not yet supported"}, [&] {
    classify("data/futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2024-01.zip", {});
  });
}

TEST_CASE("a header tells the kind of a file whose name does not") {
  const TempFolder folder;
  const auto file = folder / "excerpt.csv";
  write_file(file, "id,price,qty,quote_qty,time,is_buyer_maker\n1,2,3,6,1704067200000,true\n");
  CHECK(classify(file, {.market = "um", .symbol = "BTCUSDT"}).dataset == "trades");
}
