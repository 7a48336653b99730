#include "feed/archive_name.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace tapedeck {
namespace {

struct Row {
  std::string_view path;
  std::string_view said;  // market prefix kind symbol interval period, `-` where the path is silent
};

template <typename Value>
std::string word(const std::optional<Value>& value) {
  return value ? std::string{to_text(*value)} : "-";
}

std::string said_by(std::string_view path) {
  const ArchiveName name = parse_archive_path(path);
  std::string said = word(name.market) + " " + word(name.prefix) + " ";
  if (name.kind) {
    said += to_text(*name.kind);
  } else {
    said += name.unsupported_kind.empty() ? "-" : "!" + name.unsupported_kind;
  }
  said += " " + (name.symbol.empty() ? "-" : name.symbol);
  said += " " + (name.interval ? std::string{name.interval->text()} : "-");
  if (!name.period) return said + " -";
  said += " " + to_iso_date(day_of(name.period->begin));
  return said + (name.daily ? " day" : " month");
}

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.path);
    CHECK(said_by(row.path) == row.said);
  }
}

}  // namespace

TEST_CASE("the tree tells market, kind and symbol wherever it begins") {
  check({
      {"/mnt/x/data/futures/um/daily/aggTrades/BTCUSDT/BTCUSDT-aggTrades-2024-01-01.zip",
       "um - aggTrades BTCUSDT - 2024-01-01 day"},
      {"data/futures/cm/daily/trades/ETHUSD_PERP/ETHUSD_PERP-trades-2024-08-08.zip",
       "cm - trades ETHUSD_PERP - 2024-08-08 day"},
      {"spot/daily/trades/BTCUSDT/BTCUSDT-trades-2024-08-08.csv",
       "spot - trades BTCUSDT - 2024-08-08 day"},
      {"futures/um/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-12.zip",
       "um - klines BTCUSDT 1h 2024-12-01 month"},
      {"futures/um/daily/metrics/BTCUSDT/BTCUSDT-metrics-2025-08-01.zip",
       "um - metrics BTCUSDT - 2025-08-01 day"},
      {"spot/monthly/aggTrades/BTCUSDT/renamed.zip", "spot - aggTrades BTCUSDT - -"},
      {"spot/monthly/klines/BTCUSDT/1mo/renamed.zip", "spot - klines BTCUSDT 1mo -"},
      {"futures/um/daily/trades/2024-08-08.zip", "um - trades - - 2024-08-08 day"},
  });
}

TEST_CASE("a market needs its whole tree, and the last tree counts") {
  check({
      {"spot/BTCUSDT-trades-2024-08-08.csv", "- - trades BTCUSDT - 2024-08-08 day"},
      {"um/daily/trades/BTCUSDT/BTCUSDT-trades-2024-08-08.csv",
       "- - trades BTCUSDT - 2024-08-08 day"},
      {"futures/xx/daily/trades/BTCUSDT/BTCUSDT-trades-2024-08-08.csv",
       "- - trades BTCUSDT - 2024-08-08 day"},
      {"spot/daily/old/futures/um/daily/trades/BTCUSDT/BTCUSDT-trades-2024-08-08.csv",
       "um - trades BTCUSDT - 2024-08-08 day"},
  });
}

TEST_CASE("a bare file name tells kind, symbol and period") {
  check({
      {"BTCUSDT-aggTrades-2024-01-01.zip", "- - aggTrades BTCUSDT - 2024-01-01 day"},
      {"BTCUSDT-trades-2024-01.zip", "- - trades BTCUSDT - 2024-01-01 month"},
      {"BTCUSDT-trades-2024-01-01.csv.gz", "- - trades BTCUSDT - 2024-01-01 day"},
      {"BTCUSDT_240927-trades-2024-01-01.csv", "- - trades BTCUSDT_240927 - 2024-01-01 day"},
      {"1000SHIBUSDT-metrics-2024-01-01.zip", "- - metrics 1000SHIBUSDT - 2024-01-01 day"},
      {"币安人生USDT-trades-2025-10-10.zip", "- - trades 币安人生USDT - 2025-10-10 day"},
      {"BTCUSDT-1h-2024-12.zip", "- - klines BTCUSDT 1h 2024-12-01 month"},
      {"BTCUSDT-1M-2024-12.zip", "- - klines BTCUSDT 1mo 2024-12-01 month"},
      {"BTCUSDT-2024-12-01.csv", "- - - BTCUSDT - 2024-12-01 day"},
  });
}

TEST_CASE("a prefix names the market, a part goes behind the date") {
  check({
      {"cm-ETHUSD_PERP-trades-2024-08-08.zip", "- cm trades ETHUSD_PERP - 2024-08-08 day"},
      {"spot-TRXUSDT-trades-2025-03-04-part1.zip", "- spot trades TRXUSDT - 2025-03-04 day"},
      {"um-ETHUSDT-1m-2024-07-part2.csv", "- um klines ETHUSDT 1m 2024-07-01 month"},
      {"spot-BTCUSDT-1h-2024-12.zip", "- spot klines BTCUSDT 1h 2024-12-01 month"},
  });
}

TEST_CASE("every kline interval of the venue is known, two of them not handled") {
  for (const std::string interval :
       {"1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d", "1w", "1mo"}) {
    check({{"BTCUSDT-" + interval + "-2024-12.zip",
            "- - klines BTCUSDT " + interval + " 2024-12-01 month"}});
  }
  check({
      {"BTCUSDT-8h-2024-12.zip", "- - !klines 8h BTCUSDT - 2024-12-01 month"},
      {"BTCUSDT-3d-2024-12.zip", "- - !klines 3d BTCUSDT - 2024-12-01 month"},
      {"spot/daily/klines/BTCUSDT/8h/x.zip", "spot - !klines 8h BTCUSDT - -"},
      {"BTCUSDT-5s-2024-12.zip", "- - - - - -"},
  });
}

TEST_CASE("quotes and summed depth are kinds of their own") {
  check({
      {"um-ETHUSDT-bookTicker-2024-07-18.zip", "- um bookTicker ETHUSDT - 2024-07-18 day"},
      {"futures/um/daily/bookDepth/BTCUSDT/BTCUSDT-bookDepth-2024-01-01.zip",
       "um - bookDepth BTCUSDT - 2024-01-01 day"},
      {"um_bookDepth_excerpt.csv", "- - - - - -"},
  });
}

TEST_CASE("kinds that are known but not handled are named") {
  check({
      {"futures/um/daily/markPriceKlines/BTCUSDT/1h/BTCUSDT-1h-2024-01-01.zip",
       "um - !markPriceKlines BTCUSDT - 2024-01-01 day"},
      {"x/indexPriceKlines/BTCUSDT/1h/BTCUSDT-1h-2024-01-01.csv",
       "- - !indexPriceKlines BTCUSDT - 2024-01-01 day"},
      {"x/premiumIndexKlines/BTCUSDT/1h/BTCUSDT-1h-2024-01-01.csv",
       "- - !premiumIndexKlines BTCUSDT - 2024-01-01 day"},
      {"futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2024-01.zip",
       "um - !fundingRate BTCUSDT - 2024-01-01 month"},
      {"BTCUSDT-liquidationSnapshot-2024-01-01.zip",
       "- - !liquidationSnapshot BTCUSDT - 2024-01-01 day"},
      {"BTCBVOLUSDT-BVOLIndex-2023-06-01.zip", "- - !BVOLIndex BTCBVOLUSDT - 2023-06-01 day"},
      {"BTCUSDT-EOHSummary-2023-06-01.zip", "- - !EOHSummary BTCUSDT - 2023-06-01 day"},
      {"T_DEPTH_btcusdt_2022-11-01_snap.csv", "- - !T_DEPTH - - -"},
      {"borrow/2024-01-01.csv", "- - !borrow - - 2024-01-01 day"},
  });
}

TEST_CASE("a kind that is not handled is known in a renamed file too") {
  check({
      {"excerpts/um_premiumIndexKlines_excerpt.csv", "- - !premiumIndexKlines - - -"},
      {"mine-markPriceKlines_old.zip", "- - !markPriceKlines - - -"},
      {"cm-T_DEPTH_ERP-trades-2024-08-08.zip", "- cm !T_DEPTH - - -"},
      {"spot/daily/trades/BTCUSDT/um_bookTicker.csv", "spot - trades BTCUSDT - -"},
  });
}

TEST_CASE("the file name goes before the folder") {
  check({
      {"spot/daily/trades/BTCUSDT/ETHUSDT-aggTrades-2024-01-01.zip",
       "spot - aggTrades ETHUSDT - 2024-01-01 day"},
      {"x/markPriceKlines/BTCUSDT/BTCUSDT-trades-2024-01-01.zip",
       "- - trades BTCUSDT - 2024-01-01 day"},
      {"spot/daily/klines/BTCUSDT/1h/metrics-12.zip", "spot - metrics BTCUSDT - -"},
      {"spot/daily/klines/BTCUSDT/1h/BTCUSDT-8h-2024-01-01.zip",
       "spot - !klines 8h BTCUSDT - 2024-01-01 day"},
  });
}

TEST_CASE("what a path does not tell stays empty") {
  check({
      {"", "- - - - - -"},
      {"/", "- - - - - -"},
      {".zip", "- - - - - -"},
      {"-.zip", "- - - - - -"},
      {"trades.csv", "- - trades - - -"},
      {"BTCUSDT-trades-2024-01-01.zip.CHECKSUM", "- - - - - -"},
      {"BTCUSDT-trades-2024-01-01.parquet", "- - - - - -"},
      {"README.zip", "- - - - - -"},
      {"um-.csv", "- um - - - -"},
      {"btc-trades-2024-01-01.csv", "- - - - - -"},
      {"BTCUSDT-trades-.csv", "- - trades BTCUSDT - -"},
  });
}

TEST_CASE("an impossible date is no period") {
  check({
      {"BTCUSDT-trades-2024-13-01.csv", "- - trades BTCUSDT - -"},
      {"BTCUSDT-trades-2024-02-30.csv", "- - trades BTCUSDT - -"},
      {"BTCUSDT-trades-2023-02-29.csv", "- - trades BTCUSDT - -"},
      {"BTCUSDT-trades-2024-00.csv", "- - trades BTCUSDT - -"},
      {"BTCUSDT-trades-9999-01-01.csv", "- - trades BTCUSDT - -"},
      {"BTCUSDT-trades-24-01-01.csv", "- - trades BTCUSDT - -"},
      {"BTCUSDT-trades-2024.csv", "- - trades BTCUSDT - -"},
      {"BTCUSDT-trades-2024-02-29.csv", "- - trades BTCUSDT - 2024-02-29 day"},
  });
}

TEST_CASE("a period is the whole day or month") {
  const auto day = parse_archive_path("BTCUSDT-trades-2024-12-31.zip").period;
  REQUIRE(day);
  CHECK(to_iso(day->begin) == "2024-12-31T00:00:00Z");
  CHECK(to_iso(day->end) == "2025-01-01T00:00:00Z");
  const auto month = parse_archive_path("BTCUSDT-trades-2024-02.zip").period;
  REQUIRE(month);
  CHECK(to_iso(month->begin) == "2024-02-01T00:00:00Z");
  CHECK(to_iso(month->end) == "2024-03-01T00:00:00Z");
}

TEST_CASE("markets and kinds are read as they are written") {
  for (const Market market : {Market::spot, Market::um, Market::cm}) {
    CHECK(parse_market(to_text(market)) == market);
  }
  CHECK_FALSE(parse_market("UM"));
  CHECK(venue_of(Market::spot) == "binance");
  CHECK(venue_of(Market::um) == "binance-um");
  CHECK(venue_of(Market::cm) == "binance-cm");
  using enum ArchiveKind;
  for (const ArchiveKind kind : {agg_trades, trades, klines, metrics, book_ticker, book_depth}) {
    CHECK(parse_archive_kind(to_text(kind)) == kind);
  }
  CHECK_FALSE(parse_archive_kind("aggtrades"));
}

}  // namespace tapedeck
