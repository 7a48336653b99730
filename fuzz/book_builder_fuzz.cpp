// Books from messages: no messages crash a builder, none vanishes, the changes that it tells lead
// to its book, no update is told while the book is lost, and a book that is trusted is not crossed.
#include "base/check.hpp"
#include "book/checksum.hpp"
#include "book/map_book.hpp"
#include "input.hpp"
#include "tapedeck/book/book_builder.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <vector>

namespace tapedeck {
namespace {

constexpr std::array kRules{
    BookRules{},
    BookRules{.continuity = BookContinuity::binance_spot},
    BookRules{.continuity = BookContinuity::binance_futures},
    BookRules{.continuity = BookContinuity::consecutive, .depth = 3},
    BookRules{.continuity = BookContinuity::linked, .checksum = BookChecksum::okx, .depth = 4},
    BookRules{.continuity = BookContinuity::linked},
    BookRules{.continuity = BookContinuity::connection},
    BookRules{.checksum = BookChecksum::kraken, .depth_of_snapshot = true},
    BookRules{.checksum = BookChecksum::kraken, .depth = 2},
    BookRules{.whole = true},
    BookRules{.depth = 1, .whole = true}};

class Listener final : public BookListener {
 public:
  void on_step(const BookStep& step, const OrderBook& book) override {
    TAPEDECK_CHECK(book.scale() == step.scale && finest(scale_, step.scale) == step.scale,
                   "the scale {} {}", step.scale.price_exp, step.scale.qty_exp);
    scale_ = step.scale;
    if (step.kind == BookStepKind::unsynced) return;
    ++steps;
    if (step.kind == BookStepKind::snapshot) {
      TAPEDECK_CHECK(!has_book, "a snapshot of a book that is not lost");
      told.read(book);
      has_book = true;
    }
    TAPEDECK_CHECK(has_book, "an update of a lost book");
    for (const BookChange& change : step.changes)
      told.set(change, step.scale);
    TAPEDECK_CHECK(told.equals(book), "the changes do not lead to the book");
    TAPEDECK_CHECK(!book.crossed(), "a crossed book");
  }
  void on_lost(std::string_view cause) override {
    TAPEDECK_CHECK(has_book && !cause.empty(), "lost twice");
    has_book = false;
    ++losses;
  }

  test::MapBook told;
  bool has_book = false;
  int64_t losses = 0;
  int64_t steps = 0;  // with a book

 private:
  Scale scale_;
};

class FuzzedStream {
 public:
  explicit FuzzedStream(const BookRules& rules) : builder_{rules, listener_} {}

  void resume(FuzzInput& input) {
    OrderBook book;
    book.set(BookSide::bid, Price{90}, Qty{1});
    book.set(BookSide::ask, Price{110}, Qty{1});
    listener_.told.read(book);
    listener_.has_book = true;
    builder_.resume({.book = std::move(book), .sequence = number(input)});
  }
  void step(FuzzInput& input) {
    const unsigned operation = input.option();
    switch (operation % 64) {
      case 0: builder_.lose("lost"); break;
      case 1: builder_.finish(); break;
      default: apply(operation, input);
    }
    check();
  }
  void finish() {
    builder_.finish();
    check();
    TAPEDECK_CHECK(builder_.trusted() == listener_.has_book, "in doubt at the end");
    const BookCounts& counts = builder_.counts();
    const int64_t told = listener_.steps + counts.unsynced + counts.stale;
    TAPEDECK_CHECK(told >= sent_ && told <= sent_ + images_, "{} of {} and {} images", told, sent_,
                   images_);
  }

 private:
  // Near the one before, or anything.
  std::optional<int64_t> number(FuzzInput& input) {
    const unsigned option = input.option();
    if (option < 8) return std::nullopt;
    if (option < 16) {
      number_ = std::numeric_limits<int64_t>::max() - (option - 8);
    } else if (option < 24) {
      number_ = std::numeric_limits<int64_t>::min() + (option - 16);
    } else if (option < 28) {
      number_ = 1;
    } else {
      const auto distance = static_cast<int64_t>(option % 32) - 15;
      int64_t next = 0;
      if (!__builtin_add_overflow(number_, option < 160 ? 1 : distance, &next)) number_ = next;
    }
    return number_;
  }
  static WireNumber wire_number(FuzzInput& input, int64_t base) {
    const unsigned option = input.option();
    WireNumber value{.units = base + option % 32};
    if (option >= 224) {
      value.exponent = static_cast<int8_t>(-static_cast<int>(option % 13));
      value.units = value.units * 10 + 1;
    } else if (option >= 216) {
      value.units = std::numeric_limits<int64_t>::max() - option % 8;
    }
    value.digits = static_cast<uint8_t>(static_cast<unsigned>(-value.exponent) + option % 3);
    return value;
  }
  static std::vector<WireLevel> levels(FuzzInput& input, int64_t base) {
    std::vector<WireLevel> levels(input.option() % 5);
    for (auto& [price, quantity] : levels) {
      price = wire_number(input, base);
      quantity = wire_number(input, 0);
    }
    return levels;
  }

  void apply(unsigned operation, FuzzInput& input) {
    const std::vector<WireLevel> bids = levels(input, 80);
    const std::vector<WireLevel> asks = levels(input, 105);
    BookMessage message{.bids = bids, .asks = asks};
    if (operation % 8 == 2) message.kind = BookMessageKind::snapshot;
    if (operation % 8 == 3) message.kind = BookMessageKind::image;
    const auto before = number_;
    message.sequence = number(input);
    message.sequence_begin = operation % 16 < 12 ? message.sequence : number(input);
    message.sequence_previous = operation % 32 < 24 ? std::optional{before} : number(input);
    if (operation >= 64) message.ts_event = from_epoch_ns(time_ += operation % 4 == 0 ? -1 : 1);
    if (operation >= 128) message.checksum = sum_after(message);
    // It may come again.
    for (int times = operation % 32 == 8 ? 2 : 1; times > 0; --times) {
      builder_.apply(message, message.ts_event);
      ++(message.kind == BookMessageKind::image ? images_ : sent_);
    }
  }
  // As it is where the message follows and nothing is pushed out.
  uint32_t sum_after(const BookMessage& message) const {
    OrderBook book{builder_.book().scale()};
    for (const BookSide side : {BookSide::bid, BookSide::ask}) {
      for (const BookLevel& level : builder_.book().levels(side))
        book.set(side, level.price, level.quantity);
      for (const auto& [price, quantity] : side == BookSide::bid ? message.bids : message.asks) {
        const auto price_units = units_at(price, std::min<int>(price.exponent, 0));
        const bool plain = price.exponent == 0 && quantity.exponent == 0 && price_units;
        if (plain && book.scale() == Scale{})
          book.set(side, Price{price.units}, Qty{quantity.units});
      }
    }
    return builder_.rules().checksum == BookChecksum::okx ? okx_checksum(book)
                                                          : kraken_checksum(book, 0, 0);
  }

  void check() const {
    const BookCounts& counts = builder_.counts();
    TAPEDECK_CHECK(counts.gaps == listener_.losses, "{} gaps", counts.gaps);
    TAPEDECK_CHECK(counts.gaps - counts.resyncs == 0 || counts.gaps - counts.resyncs == 1,
                   "{} gaps, {} resyncs", counts.gaps, counts.resyncs);
    if (!builder_.trusted()) return;
    TAPEDECK_CHECK(listener_.has_book, "a book that was never told");
    TAPEDECK_CHECK(!builder_.book().crossed(), "a crossed book");
    TAPEDECK_CHECK(listener_.told.equals(builder_.book()), "another book");
    const int depth = builder_.rules().depth;
    const size_t most = depth == 0 ? SIZE_MAX : static_cast<size_t>(depth);
    TAPEDECK_CHECK(builder_.book().size(BookSide::bid) <= most, "too deep");
  }

  Listener listener_;
  BookBuilder builder_;
  int64_t number_ = 100;
  int64_t time_ = 0;
  int64_t sent_ = 0;  // updates and snapshots
  int64_t images_ = 0;
};

}  // namespace
}  // namespace tapedeck

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  FuzzInput input{data, size};
  const unsigned option = input.option();
  FuzzedStream stream{kRules[option % kRules.size()]};
  if (option >= 200) stream.resume(input);
  while (!input.text().empty())
    stream.step(input);
  stream.finish();
  return 0;
}
