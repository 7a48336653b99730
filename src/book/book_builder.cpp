#include "tapedeck/book/book_builder.hpp"

#include "base/check.hpp"
#include "book/checksum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace tapedeck {
namespace {

constexpr std::array kSides{BookSide::bid, BookSide::ask};

std::span<const WireLevel> levels_of(const BookMessage& message, BookSide side) {
  return side == BookSide::bid ? message.bids : message.asks;
}

// units × 10^digits; false when it leaves 64 bits.
bool scaled(const WireNumber& number, int exponent, int64_t& units) {
  const int digits = number.exponent - exponent;
  units = number.units;
  return units == 0 || digits == 0 || !__builtin_mul_overflow(units, power_of_ten(digits), &units);
}

// nullopt when a number leaves 64 bits.
std::optional<BookChange> change_of(BookSide side, const WireLevel& level, Scale scale) {
  int64_t price = 0;
  int64_t quantity = 0;
  const bool fits = scaled(level.price, scale.price_exp, price) &&
                    scaled(level.quantity, scale.qty_exp, quantity);
  return fits ? std::optional{BookChange{side, Price{price}, Qty{quantity}}} : std::nullopt;
}

int64_t next_of(int64_t number) {
  return number == std::numeric_limits<int64_t>::max() ? number : number + 1;
}

}  // namespace

BookBuilder::BookBuilder(const BookRules& rules, BookListener& listener, Scale scale)
    : rules_{rules}, listener_{listener}, book_{scale} {}

void BookBuilder::apply(const BookMessage& message, std::optional<Timestamp> ts_recv) {
  ++counts_.messages;
  counts_.levels += static_cast<int64_t>(message.bids.size() + message.asks.size());
  sequences_seen_ = sequences_seen_ || message.sequence.has_value();
  if (message.kind == BookMessageKind::image) {
    take_image(message, ts_recv);
  } else if (message.kind == BookMessageKind::update) {
    take_update(message, ts_recv);
  } else if (rules_.whole) {
    apply_whole(message, ts_recv);
  } else {
    take_snapshot(message, ts_recv);
  }
}

void BookBuilder::take_update(const BookMessage& message, std::optional<Timestamp> ts_recv) {
  if (!trusted_so_far()) return wait_for_book(message, ts_recv);
  switch (relation_of(message)) {
    case Relation::stale: ++counts_.stale; return;
    case Relation::follows:
      apply_update(message, ts_recv);
      if (state_ == State::doubtful) drain();
      if (state_ == State::lost) begin_again();
      return;
    case Relation::ahead: break;
  }
  if (state_ == State::synced) {
    state_ = State::doubtful;
    doubt_ = doubt_of(message);
  }
  hold(message, ts_recv);
  if (held_.size() > kReordered) give_up_missing();
}

std::string BookBuilder::doubt_of(const BookMessage& ahead) const {
  const bool chained = rules_.continuity == BookContinuity::binance_futures ||
                       rules_.continuity == BookContinuity::linked;
  const int64_t expected = chained ? *sequence_ : next_of(*sequence_);
  const auto found = chained ? ahead.sequence_previous : ahead.sequence_begin;
  return fmt::format("sequence: {} expected, {} came", expected, found.value_or(*ahead.sequence));
}

BookBuilder::Relation BookBuilder::relation_of(const BookMessage& message) const {
  if (!sequence_ || !message.sequence) return Relation::follows;
  const int64_t last = *sequence_;
  switch (rules_.continuity) {
    case BookContinuity::none:
    case BookContinuity::connection: return Relation::follows;
    case BookContinuity::consecutive:
      // Bybit's numbers begin anew when its service does.
      if (*message.sequence <= last) return is_late(message) ? Relation::stale : Relation::ahead;
      return *message.sequence == next_of(last) ? Relation::follows : Relation::ahead;
    case BookContinuity::binance_spot:
      if (*message.sequence <= last) return Relation::stale;
      return message.sequence_begin.value_or(last + 1) <= last + 1 ? Relation::follows
                                                                   : Relation::ahead;
    case BookContinuity::binance_futures:
      if (*message.sequence <= last) return Relation::stale;
      return message.sequence_previous.value_or(last) == last ? Relation::follows : Relation::ahead;
    case BookContinuity::linked:
      if (message.sequence_previous.value_or(last) == last) return Relation::follows;
      // Maintenance sets the numbers back: such a message is not old.
      if (*message.sequence < *message.sequence_previous) return Relation::ahead;
      return *message.sequence <= last ? Relation::stale : Relation::ahead;
  }
  return Relation::follows;
}

// By its number, and by its time if both have one: numbers may begin anew.
bool BookBuilder::is_late(const BookMessage& message) const {
  const bool numbered = sequence_ && message.sequence;
  const bool timed = event_at_ && message.ts_event;
  if (numbered && *message.sequence > *sequence_) return false;
  if (timed && *message.ts_event > *event_at_) return false;
  return numbered || (timed && *message.ts_event < *event_at_);
}

// A snapshot in the middle of a stream is a loss, unless its numbers or its levels say that nothing
// is between. changes_ are those that lead to it.
bool BookBuilder::continues(const BookMessage& snapshot) {
  if (!trusted_so_far() || !fit_scale(snapshot) || !note_changes_to(snapshot)) return false;
  if (changes_.empty() && state_ == State::synced) return true;
  if (!sequence_ || !snapshot.sequence) return false;
  return snapshot.sequence == sequence_ || (rules_.continuity == BookContinuity::consecutive &&
                                            *snapshot.sequence == next_of(*sequence_));
}

void BookBuilder::take_snapshot(const BookMessage& message, std::optional<Timestamp> ts_recv) {
  const bool older = message.sequence < sequence_ && message.ts_event && is_late(message);
  if (trusted_so_far() && message.sequence && older) {
    ++counts_.stale;
    return;
  }
  if (continues(message)) return continue_with(message, ts_recv);
  if (trusted_so_far()) declare_lost(state_ == State::synced ? "new snapshot" : doubt_);
  const bool again = counts_.gaps > counts_.resyncs;
  sequence_ = message.sequence;
  event_at_ = message.ts_event;
  give_up_stale();
  if (!begin_book(message) || !is_right(message)) {
    state_ = again ? State::lost : State::waiting;
    give_up_held(0);
    return tell_unsynced(message, ts_recv);
  }
  state_ = State::synced;
  counts_.resyncs += again ? 1 : 0;
  tell(BookStepKind::snapshot, message, ts_recv);
  drain();
  // What came in front of it and does not follow it has numbers of another time.
  give_up_held(0);
  if (state_ == State::doubtful) state_ = State::synced;
}

void BookBuilder::continue_with(const BookMessage& snapshot, std::optional<Timestamp> ts_recv) {
  apply_changes();
  sequence_ = snapshot.sequence;
  if (is_right(snapshot)) {
    tell(BookStepKind::update, snapshot, ts_recv);
    return drain();
  }
  declare_lost(fmt::format("new snapshot, {}", doubt_));
  tell_unsynced(snapshot, ts_recv);
}

void BookBuilder::take_image(const BookMessage& message, std::optional<Timestamp> ts_recv) {
  const bool old = trusted_so_far() && message.sequence && sequence_ >= message.sequence;
  if (old || !rules_.waits_for_image() || !message.sequence) {
    ++counts_.stale;
    return;
  }
  // It may be what a loss needs that has not shown itself yet.
  image_.emplace(message, ts_recv, ++held_number_);
  if (!trusted_so_far()) try_bridge(0);
}

bool BookBuilder::bridges(const BookMessage& update) const {
  const int64_t id = *image_->message.sequence;
  const int64_t begin = update.sequence_begin.value_or(update.sequence.value_or(id));
  const int64_t end = update.sequence.value_or(id);
  if (rules_.continuity == BookContinuity::binance_spot) return id < end && begin <= next_of(id);
  return (begin <= id && id <= end) || update.sequence_previous == id;
}

// Looks for the update that continues the image, among those held from number `from` on.
void BookBuilder::try_bridge(size_t from) {
  if (!image_) return;
  const auto begin = held_.begin() + static_cast<ptrdiff_t>(from);
  const auto bridge =
      std::find_if(begin, held_.end(), [this](const Held& held) { return bridges(held.message); });
  if (bridge == held_.end()) return;
  const Held image = std::move(*image_);
  const Held update = take_held(static_cast<size_t>(bridge - held_.begin()));
  image_.reset();
  const bool again = counts_.gaps > counts_.resyncs;
  sequence_ = image.message.sequence;
  give_up_stale();
  const bool right = begin_book(image.message) && fit_scale(update.message) &&
                     apply_levels(update.message) && is_right(update.message);
  if (!right) {
    state_ = again ? State::lost : State::waiting;
    return tell_unsynced(update.message, update.ts_recv);
  }
  state_ = State::synced;
  counts_.resyncs += again ? 1 : 0;
  sequence_ = update.message.sequence;
  tell(BookStepKind::snapshot, update.message, std::max(image.ts_recv, update.ts_recv));
  drain();
}

// Each message is the book: what changed since the one before is what is told.
void BookBuilder::apply_whole(const BookMessage& message, std::optional<Timestamp> ts_recv) {
  if (state_ == State::synced && is_late(message)) {
    ++counts_.stale;
    return;
  }
  const bool fresh = state_ != State::synced;
  const bool again = counts_.gaps > counts_.resyncs;
  if (fresh) book_.clear();
  if (!fit_scale(message) || !note_changes_to(message)) {
    if (!fresh) declare_lost("a number does not fit 64 bits");
    return tell_unsynced(message, ts_recv);
  }
  apply_changes();
  if (!is_right(message)) {
    if (!fresh) declare_lost(doubt_);
    return tell_unsynced(message, ts_recv);
  }
  state_ = State::synced;
  sequence_ = message.sequence;
  counts_.resyncs += fresh && again ? 1 : 0;
  tell(fresh ? BookStepKind::snapshot : BookStepKind::update, message, ts_recv);
}

void BookBuilder::apply_update(const BookMessage& message, std::optional<Timestamp> ts_recv) {
  if (!fit_scale(message) || !apply_levels(message)) {
    doubt_ = "a number does not fit 64 bits";
  } else if (is_right(message)) {
    if (message.sequence) sequence_ = message.sequence;
    if (image_ && image_->message.sequence <= sequence_) image_.reset();
    return tell(BookStepKind::update, message, ts_recv);
  }
  declare_lost(doubt_);
  tell_unsynced(message, ts_recv);
}

bool BookBuilder::fit_scale(const BookMessage& message) {
  Scale needed = book_.scale();
  for (const BookSide side : kSides) {
    for (const WireLevel& level : levels_of(message, side)) {
      needed.price_exp = std::min(needed.price_exp, level.price.exponent);
      needed.qty_exp = std::min(needed.qty_exp, level.quantity.exponent);
      price_digits_ = std::max(price_digits_, level.price.digits);
      qty_digits_ = std::max(qty_digits_, level.quantity.digits);
    }
  }
  return needed == book_.scale() || book_.rescale(needed).has_value();
}

bool BookBuilder::apply_levels(const BookMessage& message) {
  changes_.clear();
  for (const BookSide side : kSides) {
    for (const WireLevel& level : levels_of(message, side)) {
      const auto change = change_of(side, level, book_.scale());
      if (!change) return false;
      book_.set(side, change->price, change->quantity);
      changes_.push_back(*change);
    }
    push_out(side);
  }
  return true;
}

void BookBuilder::apply_changes() {
  for (const auto& [side, price, quantity] : changes_)
    book_.set(side, price, quantity);
  for (const BookSide side : kSides)
    push_out(side);
}

void BookBuilder::push_out(BookSide side) {
  if (rules_.depth == 0) return;
  while (book_.size(side) > static_cast<size_t>(rules_.depth)) {
    const Price worst = book_.worst(side)->price;
    book_.set(side, worst, Qty{});
    changes_.push_back({.side = side, .price = worst, .quantity = Qty{}});
    ++counts_.pushed_out;
  }
}

bool BookBuilder::begin_book(const BookMessage& snapshot) {
  book_.clear();
  if (rules_.depth_of_snapshot) {
    rules_.depth = kraken_depth(std::max(snapshot.bids.size(), snapshot.asks.size()));
  }
  return fit_scale(snapshot) && apply_levels(snapshot);
}

// The changes that lead from the book as it is to that of the message, in the book's scale.
bool BookBuilder::note_changes_to(const BookMessage& snapshot) {
  changes_.clear();
  OrderBook next{book_.scale()};
  for (const BookSide side : kSides) {
    for (const WireLevel& level : levels_of(snapshot, side)) {
      const auto change = change_of(side, level, book_.scale());
      if (!change) return false;
      next.set(side, change->price, change->quantity);
      if (book_.quantity_at(side, change->price) != change->quantity) changes_.push_back(*change);
    }
    for (const BookLevel& level : book_.levels(side)) {
      if (next.quantity_at(side, level.price) != Qty{}) continue;
      changes_.push_back({.side = side, .price = level.price, .quantity = Qty{}});
    }
  }
  return true;
}

// Says in doubt_ what is wrong.
bool BookBuilder::is_right(const BookMessage& message) {
  if (book_.crossed()) {
    ++counts_.crossed;
    doubt_ = fmt::format(
        "crossed: bid {} against ask {}",
        to_text(Decimal{book_.best(BookSide::bid)->price.raw(), book_.scale().price_exp}),
        to_text(Decimal{book_.best(BookSide::ask)->price.raw(), book_.scale().price_exp}));
    return false;
  }
  if (!message.checksum || rules_.checksum == BookChecksum::none) return true;
  const uint32_t ours = rules_.checksum == BookChecksum::okx
                            ? okx_checksum(book_)
                            : kraken_checksum(book_, price_digits_, qty_digits_);
  if (ours == *message.checksum) {
    ++counts_.checksums_passed;
    return true;
  }
  ++counts_.checksums_failed;
  doubt_ = "the venue's checksum differs";
  return false;
}

void BookBuilder::declare_lost(std::string_view cause) {
  state_ = State::lost;
  ++counts_.gaps;
  listener_.on_lost(cause);
}

void BookBuilder::lose(std::string_view cause) {
  if (trusted_so_far()) declare_lost(cause);
  give_up_held(0);
  image_.reset();
}

void BookBuilder::interrupt(std::string_view cause) {
  if (rules_.continuity == BookContinuity::none ||
      rules_.continuity == BookContinuity::connection) {
    lose(cause);
  }
}

void BookBuilder::resume(BookState state) {
  TAPEDECK_CHECK(state_ == State::waiting && held_.empty(), "a builder that has begun");
  book_ = std::move(state.book);
  sequence_ = state.sequence;
  event_at_ = state.ts_event;
  price_digits_ = state.price_digits;
  qty_digits_ = state.qty_digits;
  state_ = State::synced;
}

BookIntegrity BookBuilder::integrity() const {
  if (counts_.checksums_passed > 0) return BookIntegrity::checksum;
  const bool numbered = rules_.continuity == BookContinuity::connection ||
                        (rules_.continuity != BookContinuity::none && sequences_seen_);
  return numbered ? BookIntegrity::sequence : BookIntegrity::none;
}

void BookBuilder::tell(BookStepKind kind, const BookMessage& message,
                       std::optional<Timestamp> ts_recv) {
  if (kind != BookStepKind::unsynced && message.ts_event) event_at_ = message.ts_event;
  std::optional<BookDigest> digest;
  if (kind != BookStepKind::unsynced && message.checksum && rules_.checksum != BookChecksum::none)
    digest = BookDigest{*message.checksum, price_digits_, qty_digits_};
  listener_.on_step({.kind = kind,
                     .ts_event = message.ts_event,
                     .ts_recv = ts_recv,
                     .sequence = message.sequence,
                     .scale = book_.scale(),
                     .changes = changes_,
                     .digest = digest},
                    book_);
}

// Its levels are kept as they came.
void BookBuilder::tell_unsynced(const BookMessage& message, std::optional<Timestamp> ts_recv) {
  ++counts_.unsynced;
  changes_.clear();
  if (!fit_scale(message)) return;
  for (const BookSide side : kSides) {
    for (const WireLevel& level : levels_of(message, side)) {
      const auto change = change_of(side, level, book_.scale());
      if (!change) return;
      changes_.push_back(*change);
    }
  }
  tell(BookStepKind::unsynced, message, ts_recv);
}

}  // namespace tapedeck
