#include "tapedeck/query/quotes.hpp"

#include "query/book_scan.hpp"
#include "query/quote_reader.hpp"
#include "store/core.hpp"
#include "store/coverage_rows.hpp"
#include "store/observed.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace tapedeck {
namespace {

// The best levels whenever time moves on and one of them is another.
class BestVisitor final : public BookVisitor {
 public:
  explicit BestVisitor(const std::function<KeepGoing(const Quote&)>& use) : use_{use} {}

  void on_begin(Timestamp at, const OrderBook& book) override {
    book_ = OrderBook{book.scale()};
    for (const BookSide side : {BookSide::bid, BookSide::ask}) {
      for (const BookLevel& level : book.levels(side))
        book_.set(side, level.price, level.quantity);
    }
    at_ = at;
    recv_.reset();
    sequence_.reset();
  }

  KeepGoing on_updates(const UpdateColumns& rows) override {
    for (size_t row = 0; row < rows.rows(); ++row) {
      const Timestamp at = from_epoch_ns(rows.ts_event[row]);
      if (at != at_ && tell() == KeepGoing::stop) return KeepGoing::stop;
      at_ = at;
      recv_ = rows.has_recv(row) ? std::optional{from_epoch_ns(rows.ts_recv[row])} : std::nullopt;
      if (rows.has_sequence(row)) sequence_ = rows.sequence[row];
      book_.set(static_cast<BookSide>(rows.side[row]), Price{rows.price[row]},
                Qty{rows.quantity[row]});
    }
    return KeepGoing::go_on;
  }

  void on_end(Timestamp /*at*/) override {
    tell();
    last_.reset();
  }

  int64_t rows() const { return rows_; }

 private:
  struct Best {
    BookLevel bid;
    BookLevel ask;
    bool operator==(const Best&) const = default;
  };

  KeepGoing tell() {
    if (stopped_) return KeepGoing::stop;
    const auto bid = book_.best(BookSide::bid);
    const auto ask = book_.best(BookSide::ask);
    if (!bid || !ask) return KeepGoing::go_on;
    const Best best{*bid, *ask};
    if (last_ == best) return KeepGoing::go_on;
    last_ = best;
    ++rows_;
    const Scale scale = book_.scale();
    stopped_ = use_({.ts_event = at_,
                     .bid_price = {bid->price.raw(), scale.price_exp},
                     .bid_quantity = {bid->quantity.raw(), scale.qty_exp},
                     .ask_price = {ask->price.raw(), scale.price_exp},
                     .ask_quantity = {ask->quantity.raw(), scale.qty_exp},
                     .ts_recv = recv_,
                     .sequence = sequence_}) == KeepGoing::stop;
    return stopped_ ? KeepGoing::stop : KeepGoing::go_on;
  }

  const std::function<KeepGoing(const Quote&)>& use_;
  OrderBook book_;
  Timestamp at_;
  std::optional<Timestamp> recv_;
  std::optional<int64_t> sequence_;
  std::optional<Best> last_;
  int64_t rows_ = 0;
  bool stopped_ = false;
};

QuoteAnswer quotes_of_book(const Store& store, const QuoteRequest& request,
                           const std::function<KeepGoing(const Quote&)>& use) {
  if (request.clock == BookClock::recv) {
    throw Error{ErrorCode::unsupported,
                "quotes of a book go by the venue's clock: leave out --clock recv, or import the "
                "venue's own quotes"};
  }
  BestVisitor best{use};
  BookScanResult scanned =
      scan_book(store, {.instrument = request.instrument, .range = request.range}, best);
  return {.source = dataset_of_book(scanned.stream.channel),
          .coverage = std::move(scanned.coverage),
          .rows = best.rows()};
}

bool has_book(const Store& store, const Instrument& instrument) {
  const auto reader = store.core().borrow_reader();
  return !book_streams(*reader, instrument.id).empty();
}

// Where no quotes of the venue are.
bool falls_back_to_book(const Store& store, const QuoteRequest& request) {
  return request.source == QuoteSource::any && request.clock == BookClock::event &&
         has_book(store, request.instrument);
}

// Gives each trade the quote that stood then; both come in the order of the clock.
class Join {
 public:
  // Null when there are no more; borrowed until the next call.
  using NextQuote = std::function<const Quote*()>;

  Join(const AsofRequest& request, BookClock clock, NextQuote next)
      : request_{request}, clock_{clock}, next_{std::move(next)}, ahead_{next_()} {}

  bool has_quotes() const { return ahead_ != nullptr; }
  Timestamp time_of(const QuotedTrade& trade) const {
    return clock_ == BookClock::event ? trade.trade.ts_event : *trade.ts_recv;
  }
  // False when there is none.
  bool add_quote(QuotedTrade& trade) {
    const Timestamp at = time_of(trade);
    while (ahead_ != nullptr && time_of(*ahead_) <= at) {
      last_ = *ahead_;
      ahead_ = next_();
    }
    if (!last_ || (request_.tolerance && at - time_of(*last_) > *request_.tolerance)) return false;
    trade.quote = last_;
    return true;
  }

 private:
  Timestamp time_of(const Quote& quote) const {
    return clock_ == BookClock::event ? quote.ts_event : *quote.ts_recv;
  }

  const AsofRequest& request_;
  BookClock clock_;
  NextQuote next_;
  const Quote* ahead_;
  std::optional<Quote> last_;
};

class Asof {
 public:
  Asof(const Store& store, const AsofRequest& request,
       const std::function<KeepGoing(const QuotedTrade&)>& use)
      : store_{store}, request_{request}, use_{use} {}

  AsofAnswer run() {
    answer_.clock = request_.clock;
    read_times();
    if (times_.empty() && answer_.clock == BookClock::event) return std::move(answer_);
    wanted_ = {.instrument = request_.instrument,
               .range = times_,
               .clock = answer_.clock,
               .source = request_.source};
    // The quote that stands at the begin of the range was made before it.
    const auto back = request_.tolerance.value_or(kLookBack);
    if (to_epoch_ns(times_.begin) > INT64_MIN + back.count()) wanted_.range.begin -= back;
    if (request_.source == QuoteSource::book || !join_venue()) join_book();
    return std::move(answer_);
  }

 private:
  void read_times() {
    const SnapshotReader reader{store_.core()};
    if (request_.source != QuoteSource::book && answer_.clock == BookClock::event &&
        quotes_lack_event_times(*reader, request_.instrument.id, request_.range)) {
      answer_.clock = BookClock::recv;
    }
    times_ = times_of(*reader, {request_.instrument, request_.range, answer_.clock});
    answer_.coverage = trade_coverage(*reader, request_.instrument.id, request_.range);
  }

  // False when there are none and the book has some. The quotes have a connection of their own
  // beside the trades' one: both are read as the join goes on.
  bool join_venue() {
    const QueryTurn turn{store_.core().readers(), true};
    duck::Connection connection = store_.core().connect();
    QuoteCursor quotes{connection, wanted_.instrument.id, wanted_.range, wanted_.clock};
    Join join{request_, answer_.clock, [&] { return quotes.next(); }};
    if (!join.has_quotes() && falls_back_to_book(store_, wanted_)) return false;
    if (join.has_quotes()) answer_.source = "venue";
    give_trades(join);
    return true;
  }

  // With those of the book: as they are made in one go, all are in memory.
  void join_book() {
    std::deque<Quote> quotes;
    answer_.source = quotes_of_book(store_, wanted_, [&](const Quote& quote) {
                       quotes.push_back(quote);
                       return KeepGoing::go_on;
                     }).source;
    Join join{request_, answer_.clock, [&, next = size_t{0}]() mutable {
                return next < quotes.size() ? &quotes[next++] : nullptr;
              }};
    const QueryTurn turn{store_.core().readers(), true};
    give_trades(join);
  }

  void give_trades(Join& join) {
    const SnapshotReader reader{store_.core()};
    read_timed_trades(*reader, {request_.instrument, request_.range, answer_.clock},
                      [&](QuotedTrade& trade) {
                        // What was stored meanwhile may lie behind the quotes that are read.
                        if (join.time_of(trade) >= times_.end) return KeepGoing::stop;
                        if (!join.add_quote(trade)) ++answer_.without_quote;
                        ++answer_.rows;
                        return use_(trade);
                      });
  }

  const Store& store_;
  const AsofRequest& request_;
  const std::function<KeepGoing(const QuotedTrade&)>& use_;
  TimeRange times_;  // of the trades that are joined
  QuoteRequest wanted_;
  AsofAnswer answer_;
};

}  // namespace

QuoteAnswer for_each_quote(const Store& store, const QuoteRequest& request,
                           const std::function<KeepGoing(const Quote&)>& use) {
  return observed(store.core().observer(), "quotes", {}, [&]() -> QuoteAnswer {
    if (request.source == QuoteSource::book) return quotes_of_book(store, request, use);
    QuoteAnswer answer;
    {
      const QueryTurn turn{store.core().readers(), true};
      const auto reader = store.core().borrow_reader();
      const duck::Snapshot snapshot{*reader};
      const std::vector<CoverageRow> covered =
          folded(coverage_rows(*reader, request.instrument.id, kQuotesDataset));
      answer.coverage = coverage_within(covered, request.range);
      QuoteCursor quotes{*reader, request.instrument.id, request.range, request.clock};
      while (const Quote* const quote = quotes.next()) {
        ++answer.rows;
        if (use(*quote) == KeepGoing::stop) break;
      }
    }
    if (answer.rows > 0) {
      answer.source = "venue";
      return answer;
    }
    return falls_back_to_book(store, request) ? quotes_of_book(store, request, use) : answer;
  });
}

Decimal mid_price(const Quote& quote) {
  const Decimal both = sum(quote.bid_price, quote.ask_price);
  return both.units % 2 == 0 ? Decimal{both.units / 2, both.exponent}
                             : Decimal{both.units * 5, both.exponent - 1};
}

std::optional<Decimal> effective_spread(const QuotedTrade& trade) {
  if (!trade.quote || trade.trade.side == AggressorSide::unknown) return std::nullopt;
  const Decimal price{trade.trade.price.raw(), trade.scale.price_exp};
  const Decimal mid = mid_price(*trade.quote);
  const Decimal half =
      trade.trade.side == AggressorSide::buy ? difference(price, mid) : difference(mid, price);
  return Decimal{half.units * 2, half.exponent};
}

AsofAnswer for_each_quoted_trade(const Store& store, const AsofRequest& request,
                                 const std::function<KeepGoing(const QuotedTrade&)>& use) {
  return observed(store.core().observer(), "quoted_trades", {}, [&]() -> AsofAnswer {
    return Asof{store, request, use}.run();
  });
}

}  // namespace tapedeck
