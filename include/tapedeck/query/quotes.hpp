// Best bid and ask over time, and trades joined with the quote that stood when they happened.
#pragma once

#include "tapedeck/base/keep_going.hpp"
#include "tapedeck/market/quote.hpp"
#include "tapedeck/market/trade.hpp"
#include "tapedeck/store/book_clock.hpp"
#include "tapedeck/store/coverage.hpp"
#include "tapedeck/store/store.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace tapedeck {

enum class QuoteSource : uint8_t {
  any,    // the venue's where any is stored in the range, else the book's
  venue,  // as it published them: bookTicker, bbo, tickers
  book,   // the best levels of the stored book, whenever one of them changed
};

struct QuoteRequest {
  Instrument instrument;
  TimeRange range = {};  // by `clock`; the defaults mean everything
  BookClock clock = BookClock::event;
  QuoteSource source = QuoteSource::any;
};

struct QuoteAnswer {
  std::string source;  // "venue", or "book:depth@100ms"; empty when there is none
  Coverage coverage;
  int64_t rows = 0;
};
// In the order of the clock. Those of a book go by the venue's clock only: Error{unsupported}
// otherwise.
QuoteAnswer for_each_quote(const Store& store, const QuoteRequest& request,
                           const std::function<KeepGoing(const Quote&)>& use);

struct AsofRequest {
  Instrument instrument;
  TimeRange range = {};  // of the trades
  BookClock clock = BookClock::event;
  QuoteSource source = QuoteSource::any;
  // An older quote is none; default: however old.
  std::optional<std::chrono::nanoseconds> tolerance = {};
};

// A trade with the last quote at or before it.
struct QuotedTrade {
  Trade trade;
  Scale scale;  // of the trade
  std::optional<Timestamp> ts_recv = {};
  std::optional<Quote> quote = {};
};
// (bid + ask) / 2, exact.
Decimal mid_price(const Quote& quote);
// 2 × (price − mid) of a buy, 2 × (mid − price) of a sell; nullopt without a side or a quote.
std::optional<Decimal> effective_spread(const QuotedTrade& trade);

struct AsofAnswer {
  std::string source;  // of the quotes
  // Ours, where the venue sends no time with its quotes: then both are joined by it.
  BookClock clock = BookClock::event;
  Coverage coverage;  // of the trades
  int64_t rows = 0;
  int64_t without_quote = 0;
};
// Trades in the order of the clock. Errors: unsupported when the clock is ours and the trades have
// no receive times.
AsofAnswer for_each_quoted_trade(const Store& store, const AsofRequest& request,
                                 const std::function<KeepGoing(const QuotedTrade&)>& use);

}  // namespace tapedeck
