#include "feed/binance_archive.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace tapedeck {

TEST_CASE("a header tells the kind of its file") {
  struct Row {
    std::string line;
    std::optional<ArchiveKind> kind;
  };
  const std::string agg =
      "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker";
  const std::string klines =
      "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
      "taker_buy_quote_volume";
  const std::string metrics =
      "create_time,symbol,sum_open_interest,sum_open_interest_value,"
      "count_toptrader_long_short_ratio,sum_toptrader_long_short_ratio,count_long_short_ratio,"
      "sum_taker_long_short_vol_ratio";
  const std::vector<Row> rows{
      {agg, ArchiveKind::agg_trades},
      {agg + ",best_match\r\n", ArchiveKind::agg_trades},
      {"id,price,qty,quote_qty,time,is_buyer_maker", ArchiveKind::trades},
      {"id,price,qty,base_qty,time,is_buyer_maker\n", ArchiveKind::trades},
      {"id,price,qty,quote_qty,time,is_buyer_maker,best_match", ArchiveKind::trades},
      {"\"id\",\"price\",\"qty\",\"quote_qty\",\"time\",\"is_buyer_maker\"", ArchiveKind::trades},
      {klines, ArchiveKind::klines},
      {klines + ",ignore", ArchiveKind::klines},
      {metrics, ArchiveKind::metrics},
      {metrics + ",", std::nullopt},
      {agg + ",", std::nullopt},
      {agg + ",best_match,more", std::nullopt},
      {"id,price,qty,quote_qty,time", std::nullopt},
      {"ID,price,qty,quote_qty,time,is_buyer_maker", std::nullopt},
      {"update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,"
       "event_time",
       ArchiveKind::book_ticker},
      {"timestamp,percentage,depth,notional", ArchiveKind::book_depth},
      {"timestamp,percentage,depth", std::nullopt},
      {"", std::nullopt},
      {"1,2,3,4,5,6", std::nullopt},
      {std::string(100, ','), std::nullopt},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    CHECK(kind_of_header(row.line) == row.kind);
  }
}

}  // namespace tapedeck
