#include "cli/ledger_options.hpp"

#include "tapedeck/market/order.hpp"
#include "thrown.hpp"

#include <doctest/doctest.h>

namespace tapedeck {
namespace {

using test::check_refused;

TEST_CASE("amounts, ids, times and names are read, or refused with the option's name") {
  CHECK(to_text(amount_from("--quantity", "0.25")) == "0.25");
  CHECK_FALSE(find_amount("--price", ""));
  const auto refused = [](std::initializer_list<std::string_view> words, auto work) {
    check_refused(ErrorCode::invalid_argument, words, work);
  };
  refused({"--quantity '1e5' is no number"}, [] { amount_from("--quantity", "1e5"); });
  refused({"--quantity", "finer than 12"}, [] { amount_from("--quantity", "0.0000000000001"); });
  refused({"--price", "10^26"}, [] { amount_from("--price", "100000000000000000000000000"); });
  refused({"FILL 'x' is no UUID"}, [] { uuid_from("FILL", "x"); });
  refused({"--at 'noon' is no time"}, [] { time_from("--at", "noon"); });
  refused({"--instrument 'AAPL' is no instrument", "venue:symbol"},
          [] { name_from("--instrument", "AAPL"); });
  refused({"--side knows no 'hold'", "buy, sell"},
          [] { word_from("--side", "hold", "buy, sell", parse_order_side); });
  CHECK(word_from("--side", "BUY", "buy, sell", parse_order_side) == OrderSide::buy);
}

TEST_CASE("a name is of a venue or of any, and --last counts back from now") {
  CHECK(names_from("alpaca:AAPL").venue == "alpaca");
  CHECK_FALSE(names_from("AAPL").venue);
  CHECK(names_from("AAPL").symbol == "AAPL");
  CHECK_FALSE(names_from("").symbol);
  const Timestamp now = from_epoch_ns(7'200'000'000'000);
  CHECK(ledger_range({.last = "2h"}, now).begin == from_epoch_ns(0));
  CHECK(ledger_range({}, now) == TimeRange{});
  check_refused(ErrorCode::invalid_argument, {"--last '5'", "--limit"},
                [&] { ledger_range({.last = "5"}, now); });
}

}  // namespace
}  // namespace tapedeck
