#include "tapedeck/query/quotes.hpp"

#include "query/book_scan.hpp"
#include "query/quote_reader.hpp"
#include "store/core.hpp"
#include "store/coverage_rows.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
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

// The quotes that a join goes through, all in memory: an hour of a busy instrument is some 10 MB.
std::vector<Quote> quotes_for(const Store& store, const AsofRequest& request, BookClock clock,
                              TimeRange range, std::string& source) {
  std::vector<Quote> quotes;
  // The quote that stands at the begin of the range was made before it.
  const auto back = request.tolerance.value_or(kLookBack);
  if (to_epoch_ns(range.begin) > INT64_MIN + back.count()) range.begin -= back;
  const QuoteAnswer answer = for_each_quote(
      store,
      {.instrument = request.instrument, .range = range, .clock = clock, .source = request.source},
      [&](const Quote& quote) {
        quotes.push_back(quote);
        return KeepGoing::go_on;
      });
  source = answer.source;
  return quotes;
}

}  // namespace

QuoteAnswer for_each_quote(const Store& store, const QuoteRequest& request,
                           const std::function<KeepGoing(const Quote&)>& use) {
  if (request.source == QuoteSource::book) return quotes_of_book(store, request, use);
  QuoteAnswer answer;
  {
    const QueryTurn turn{store.core().readers(), true};
    const auto reader = store.core().borrow_reader();
    const duck::Snapshot snapshot{*reader};
    const std::vector<CoverageRow> covered =
        folded(coverage_rows(*reader, request.instrument.id, kQuotesDataset));
    answer.coverage = coverage_within(covered, request.range);
    answer.rows = read_quotes(*reader, request.instrument.id, request.range, request.clock, use);
  }
  if (answer.rows > 0) {
    answer.source = "venue";
    return answer;
  }
  const bool other = request.source == QuoteSource::any && request.clock == BookClock::event &&
                     has_book(store, request.instrument);
  return other ? quotes_of_book(store, request, use) : answer;
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
  AsofAnswer answer;
  answer.clock = request.clock;
  std::vector<QuotedTrade> trades;
  {
    const QueryTurn turn{store.core().readers(), true};
    const auto reader = store.core().borrow_reader();
    const duck::Snapshot snapshot{*reader};
    if (request.source != QuoteSource::book && answer.clock == BookClock::event &&
        quotes_lack_event_times(*reader, request.instrument.id, request.range)) {
      answer.clock = BookClock::recv;
    }
    trades = read_timed_trades(*reader, request.instrument, request.range, answer.clock);
    answer.coverage = trade_coverage(*reader, request.instrument.id, request.range);
  }
  if (trades.empty()) return answer;
  const auto time_of = [&](const auto& row) {
    return answer.clock == BookClock::event ? row.ts_event : *row.ts_recv;
  };
  const auto trade_time = [&](const QuotedTrade& one) {
    return answer.clock == BookClock::event ? one.trade.ts_event : *one.ts_recv;
  };
  const TimeRange range{.begin = trade_time(trades.front()),
                        .end = trade_time(trades.back()) + std::chrono::nanoseconds{1}};
  const std::vector<Quote> quotes = quotes_for(store, request, answer.clock, range, answer.source);
  size_t next = 0;
  for (QuotedTrade& trade : trades) {
    const Timestamp at = trade_time(trade);
    while (next < quotes.size() && time_of(quotes[next]) <= at)
      ++next;
    const bool fresh =
        next > 0 && (!request.tolerance || at - time_of(quotes[next - 1]) <= *request.tolerance);
    if (fresh) trade.quote = quotes[next - 1];
    if (!fresh) ++answer.without_quote;
    ++answer.rows;
    if (use(trade) == KeepGoing::stop) break;
  }
  return answer;
}

}  // namespace tapedeck
