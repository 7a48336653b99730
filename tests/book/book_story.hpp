// Messages of books in a few words, and what a BookBuilder tells of them as text.
#pragma once

#include "book/map_book.hpp"
#include "tapedeck/book/book_builder.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tapedeck::test {

// "100.5 2; 100 1" → two levels.
inline std::vector<WireLevel> wire_levels(std::string_view text) {
  std::vector<WireLevel> levels;
  while (!text.empty()) {
    const size_t end = std::min(text.find(';'), text.size());
    std::string_view level = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    level.remove_prefix(std::min(level.find_first_not_of(' '), level.size()));
    const size_t space = level.find(' ');
    REQUIRE(space != std::string_view::npos);
    levels.push_back({.price = parse_wire_number(level.substr(0, space)).value(),
                      .quantity = parse_wire_number(level.substr(space + 1)).value()});
  }
  return levels;
}

inline std::string text_of(const std::vector<BookLevel>& levels, Scale scale) {
  std::string text;
  for (const BookLevel& level : levels) {
    text += fmt::format("{}{} {}", text.empty() ? "" : "; ",
                        to_text(Decimal{level.price.raw(), scale.price_exp}),
                        to_text(Decimal{level.quantity.raw(), scale.qty_exp}));
  }
  return text;
}

// "100.5 2; 100 1": best first.
inline std::string text_of(const OrderBook& book, BookSide side) {
  return text_of(book.levels(side), book.scale());
}

struct Said {
  BookMessageKind kind = BookMessageKind::update;
  std::optional<int64_t> begin = {};
  std::optional<int64_t> sequence = {};
  std::optional<int64_t> previous = {};
  std::optional<uint32_t> checksum = {};
  std::optional<int64_t> ms = {};  // of the venue's clock
  std::string_view bids = {};
  std::string_view asks = {};
};

inline OwnedBookMessage message_of(const Said& said) {
  const std::vector<WireLevel> bids = wire_levels(said.bids);
  const std::vector<WireLevel> asks = wire_levels(said.asks);
  BookMessage message{.kind = said.kind,
                      .sequence_begin = said.begin,
                      .sequence = said.sequence,
                      .sequence_previous = said.previous,
                      .checksum = said.checksum,
                      .bids = bids,
                      .asks = asks};
  if (said.ms) message.ts_event = from_epoch_ns(*said.ms * 1'000'000);
  return OwnedBookMessage{message, std::nullopt};
}

// A builder that is told messages, and what it tells. Checks with each step that the changes told
// lead to the book, and that no update is told while the book is lost.
class Story final : public BookListener {
 public:
  explicit Story(const BookRules& rules, Scale scale = {}) : builder{rules, *this, scale} {}

  // What the builder tells of it: steps and losses, with " | " between them.
  std::string say(const Said& said, std::optional<Timestamp> ts_recv = {}) {
    return apply(message_of(said).message, ts_recv);
  }
  std::string apply(const BookMessage& message, std::optional<Timestamp> ts_recv = {}) {
    builder.apply(message, ts_recv);
    if (builder.trusted()) {
      CHECK_FALSE(builder.book().crossed());
      CHECK(told_.equals(builder.book()));
    }
    return take();
  }
  std::string lose(std::string_view cause) {
    builder.lose(cause);
    return take();
  }
  std::string interrupt(std::string_view cause) {
    builder.interrupt(cause);
    return take();
  }
  std::string finish() {
    builder.finish();
    return take();
  }
  std::string bids() const { return text_of(builder.book(), BookSide::bid); }
  std::string asks() const { return text_of(builder.book(), BookSide::ask); }

  void on_step(const BookStep& step, const OrderBook& book) override {
    constexpr std::string_view kNames[]{"update", "snapshot", "unsynced"};
    add(std::string{kNames[static_cast<size_t>(step.kind)]});
    if (step.sequence) text_ += fmt::format(" {}", *step.sequence);
    text_ += ':';
    for (const BookChange& change : step.changes) {
      text_ += fmt::format(" {} {} {}", to_text(change.side),
                           to_text(Decimal{change.price.raw(), step.scale.price_exp}),
                           to_text(Decimal{change.quantity.raw(), step.scale.qty_exp}));
      if (step.kind == BookStepKind::update) told_.set(change, step.scale);
    }
    if (step.kind == BookStepKind::unsynced) return;
    CHECK(step.scale == book.scale());
    if (step.kind == BookStepKind::snapshot) {
      told_.read(book);
      has_book_ = true;
    }
    CHECK(has_book_);
    CHECK(told_.equals(book));
  }
  void on_lost(std::string_view cause) override {
    CHECK(has_book_);
    has_book_ = false;
    add(fmt::format("lost: {}", cause));
  }
  // As BookBuilder::resume().
  void resume(OrderBook book, std::optional<int64_t> sequence) {
    resume(BookState{.book = std::move(book), .sequence = sequence});
  }
  void resume(BookState state) {
    told_.read(state.book);
    has_book_ = true;
    builder.resume(std::move(state));
  }
  // Between a snapshot and a loss.
  bool has_book() const { return has_book_; }

  BookBuilder builder;

 private:
  void add(const std::string& line) {
    if (!text_.empty()) text_ += " | ";
    text_ += line;
  }
  std::string take() { return std::exchange(text_, {}); }

  MapBook told_;
  bool has_book_ = false;
  std::string text_;
};

}  // namespace tapedeck::test
