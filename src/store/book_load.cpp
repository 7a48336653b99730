#include "store/book_load.hpp"

#include "store/coverage_rows.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tapedeck {
namespace {

constexpr std::chrono::nanoseconds kNanosecond{1};

int64_t grid_of(Timestamp t) {
  const int64_t ns = to_epoch_ns(t);
  const int64_t width = kKeyframeGrid.count();
  return ns / width - (ns % width < 0 ? 1 : 0);
}

void make_least(std::optional<Timestamp>& least, Timestamp t) {
  least = least ? std::min(*least, t) : t;
}

void make_greatest(std::optional<Timestamp>& greatest, Timestamp t) {
  greatest = greatest ? std::max(*greatest, t) : t;
}

void set_optional(duck::RowChunk& chunk, size_t column, size_t row, std::optional<int64_t> value) {
  chunk.column<int64_t>(column)[row] = value.value_or(0);
  if (!value) chunk.set_null(column, row);
}

std::optional<int64_t> ns_of(const std::optional<Timestamp>& t) {
  return t ? std::optional{to_epoch_ns(*t)} : std::nullopt;
}

}  // namespace

BookTables::BookTables(duck::Transaction& transaction)
    : transaction_{transaction},
      next_ordinal_{next_book_ordinal(transaction.connection())},
      updates_{transaction, "tape", "book_updates"},
      levels_{transaction, "tape", "book_snapshots"},
      keyframes_{transaction, "tape", "book_keyframes"},
      checksums_{transaction, "tape", "book_checksums"},
      update_rows_{DUCKDB_TYPE_INTEGER,      DUCKDB_TYPE_BIGINT,       DUCKDB_TYPE_BIGINT,
                   DUCKDB_TYPE_TIMESTAMP_NS, DUCKDB_TYPE_TIMESTAMP_NS, DUCKDB_TYPE_BIGINT,
                   DUCKDB_TYPE_UTINYINT,     DUCKDB_TYPE_BIGINT,       DUCKDB_TYPE_BIGINT,
                   DUCKDB_TYPE_TINYINT,      DUCKDB_TYPE_TINYINT},
      level_rows_{DUCKDB_TYPE_INTEGER, DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_UTINYINT,
                  DUCKDB_TYPE_BIGINT,  DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_TINYINT,
                  DUCKDB_TYPE_TINYINT},
      keyframe_rows_{DUCKDB_TYPE_INTEGER,      DUCKDB_TYPE_BIGINT,       DUCKDB_TYPE_BIGINT,
                     DUCKDB_TYPE_BIGINT,       DUCKDB_TYPE_TIMESTAMP_NS, DUCKDB_TYPE_TIMESTAMP_NS,
                     DUCKDB_TYPE_TIMESTAMP_NS, DUCKDB_TYPE_TIMESTAMP_NS, DUCKDB_TYPE_INTEGER},
      checksum_rows_{DUCKDB_TYPE_INTEGER, DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_UINTEGER,
                     DUCKDB_TYPE_UTINYINT, DUCKDB_TYPE_UTINYINT} {}

void BookTables::close() {
  updates_.close();
  levels_.close();
  keyframes_.close();
  checksums_.close();
}

BookLoad::BookLoad(BookStream stream, std::optional<BookStretch> resumed, const BookPast& past)
    : stream_{std::move(stream)}, past_{past}, open_{resumed.has_value()} {
  if (!resumed) return;
  grid_ = grid_of(resumed->event_end);
  last_event_ = resumed->event_end;
  resumed_at_ = resumed->event_end;
  last_book_ = resumed->book;
  past_.had_book = true;
  stretches_.push_back(std::move(*resumed));
}

void BookLoad::begin(BookTables& tables) {
  tables_ = &tables;
  rows_ = 0;
  range_.reset();
}

// What comes without a time of the venue's happened when it came, or with what came before.
Timestamp BookLoad::time_of(const BookStep& step) const {
  if (step.ts_event) return *step.ts_event;
  if (step.ts_recv) return *step.ts_recv;
  return last_event_.value_or(Timestamp{});
}

void BookLoad::on_step(const BookStep& step, const OrderBook& book) {
  const Timestamp ts_event = time_of(step);
  last_event_ = ts_event;
  if (!range_) range_ = TimeRange{.begin = ts_event, .end = ts_event + kNanosecond};
  range_->begin = std::min(range_->begin, ts_event);
  range_->end = std::max(range_->end, ts_event + kNanosecond);
  if (!past_.range) past_.range = range_;
  past_.range->begin = std::min(past_.range->begin, range_->begin);
  past_.range->end = std::max(past_.range->end, range_->end);
  stream_.scale = finest(stream_.scale, step.scale);
  if (step.kind == BookStepKind::snapshot) {
    begin_book(step, ts_event, book);
  } else {
    add_rows(step, ts_event);
  }
  // Without a row or keyframe of its own stream in the block there is nothing that it could name.
  const size_t places = block_.size() + keyframes_.size();
  if (step.digest && places > 0) digests_.push_back({places, *step.digest});
  if (step.kind == BookStepKind::update) {
    note_update(step, ts_event);
    if (grid_of(ts_event) > grid_) add_keyframe(step, ts_event, book);
  }
  if (block_.size() >= kBlockRows || waiting_levels_ >= kWaitingLevels) flush();
}

void BookLoad::begin_book(const BookStep& step, Timestamp ts_event, const OrderBook& book) {
  stretches_.push_back({.event_begin = ts_event,
                        .event_end = ts_event,
                        .recv_begin = step.ts_recv,
                        .recv_end = step.ts_recv,
                        .sequence = step.sequence});
  open_ = true;
  past_.had_book = true;
  add_keyframe(step, ts_event, book);
}

void BookLoad::add_rows(const BookStep& step, Timestamp ts_event) {
  const size_t book = step.kind == BookStepKind::update ? stretches_.size() - 1 : kNoBook;
  for (const BookChange& change : step.changes) {
    block_.book.push_back(book);
    block_.ts_event.push_back(to_epoch_ns(ts_event));
    block_.ts_recv.push_back(ns_of(step.ts_recv).value_or(0));
    block_.has_recv.push_back(step.ts_recv.has_value());
    block_.sequence.push_back(step.sequence.value_or(0));
    block_.has_sequence.push_back(step.sequence.has_value());
    block_.side.push_back(static_cast<uint8_t>(change.side));
    block_.price.push_back(change.price.raw());
    block_.quantity.push_back(change.quantity.raw());
    block_.scale.push_back(step.scale);
  }
}

void BookLoad::note_update(const BookStep& step, Timestamp ts_event) {
  BookStretch& stretch = stretches_.back();
  stretch.event_end = std::max(stretch.event_end, ts_event);
  if (step.sequence) stretch.sequence = step.sequence;
  make_least(stretch.tail_event, ts_event);
  if (!step.ts_recv) return;
  make_greatest(stretch.recv_end, *step.ts_recv);
  make_least(stretch.tail_recv, *step.ts_recv);
}

void BookLoad::add_keyframe(const BookStep& step, Timestamp ts_event, const OrderBook& book) {
  BookStretch& stretch = stretches_.back();
  Keyframe keyframe{.rows = block_.size(),
                    .book = stretches_.size() - 1,
                    .sequence = step.sequence,
                    .scale = book.scale(),
                    .ts_event = stretch.event_end,
                    .ts_recv = stretch.recv_end,
                    .ts_event_min = stretch.tail_event.value_or(ts_event),
                    .ts_recv_min = stretch.tail_recv ? stretch.tail_recv : step.ts_recv,
                    .levels = {}};
  keyframe.levels.reserve(book.size(BookSide::bid) + book.size(BookSide::ask));
  for (const BookSide side : {BookSide::bid, BookSide::ask}) {
    for (const BookLevel& level : book.levels(side))
      keyframe.levels.push_back({side, level.price.raw(), level.quantity.raw()});
  }
  waiting_levels_ += keyframe.levels.size();
  keyframes_.push_back(std::move(keyframe));
  stretch.tail_event.reset();
  stretch.tail_recv.reset();
  grid_ = grid_of(ts_event);
}

void BookLoad::on_lost(std::string_view cause) {
  if (open_) stretches_.back().cause = std::string{cause};
  open_ = false;
}

void BookLoad::flush() {
  const int64_t first = tables_->next_ordinal_;
  for (size_t i = 0; i < keyframes_.size(); ++i) {
    const int64_t ordinal = first + static_cast<int64_t>(keyframes_[i].rows + i);
    BookStretch& stretch = stretches_[keyframes_[i].book];
    if (stretch.book == 0) stretch.book = ordinal;  // the first of its keyframes
    flush_keyframe(keyframes_[i], ordinal);
  }
  flush_updates(first);
  flush_checksums(first);
  const auto taken = static_cast<int64_t>(block_.size() + keyframes_.size());
  tables_->next_ordinal_ += taken;
  if (taken > 0) stream_.ordinal = first + taken - 1;
  rows_ += static_cast<int64_t>(block_.size());
  block_ = {};
  keyframes_.clear();
  digests_.clear();
  waiting_levels_ = 0;
}

void BookLoad::flush_updates(int64_t first_ordinal) {
  enum Column : size_t {
    kStream,
    kOrdinal,
    kBook,
    kTsEvent,
    kTsRecv,
    kSequence,
    kSide,
    kPrice,
    kQuantity,
    kPriceExp,
    kQtyExp
  };
  duck::RowChunk& chunk = tables_->update_rows_;
  size_t passed = 0;  // keyframes in front of the row
  for (size_t from = 0; from < block_.size(); from += duck::RowChunk::kRows) {
    const size_t rows = std::min(duck::RowChunk::kRows, block_.size() - from);
    chunk.reset();
    for (size_t row = 0; row < rows; ++row) {
      const size_t at = from + row;
      while (passed < keyframes_.size() && keyframes_[passed].rows <= at)
        ++passed;
      const size_t book = block_.book[at];
      const auto known = [](bool is, int64_t value) {
        return is ? std::optional{value} : std::nullopt;
      };
      chunk.column<int32_t>(kStream)[row] = static_cast<int32_t>(stream_.id);
      chunk.column<int64_t>(kOrdinal)[row] = first_ordinal + static_cast<int64_t>(at + passed);
      set_optional(chunk, kBook, row,
                   book == kNoBook ? std::nullopt : std::optional{stretches_[book].book});
      chunk.column<int64_t>(kTsEvent)[row] = block_.ts_event[at];
      set_optional(chunk, kTsRecv, row, known(block_.has_recv[at], block_.ts_recv[at]));
      set_optional(chunk, kSequence, row, known(block_.has_sequence[at], block_.sequence[at]));
      chunk.column<uint8_t>(kSide)[row] = block_.side[at];
      chunk.column<int64_t>(kPrice)[row] = block_.price[at];
      chunk.column<int64_t>(kQuantity)[row] = block_.quantity[at];
      chunk.column<int8_t>(kPriceExp)[row] = block_.scale[at].price_exp;
      chunk.column<int8_t>(kQtyExp)[row] = block_.scale[at].qty_exp;
    }
    chunk.set_rows(rows);
    tables_->updates_.append(chunk);
  }
}

void BookLoad::flush_keyframe(const Keyframe& keyframe, int64_t ordinal) {
  const auto stream = static_cast<int32_t>(stream_.id);
  duck::RowChunk& chunk = tables_->level_rows_;
  for (size_t from = 0; from < keyframe.levels.size(); from += duck::RowChunk::kRows) {
    const size_t rows = std::min(duck::RowChunk::kRows, keyframe.levels.size() - from);
    chunk.reset();
    for (size_t row = 0; row < rows; ++row) {
      const Level& level = keyframe.levels[from + row];
      chunk.column<int32_t>(0)[row] = stream;
      chunk.column<int64_t>(1)[row] = ordinal;
      chunk.column<uint8_t>(2)[row] = static_cast<uint8_t>(level.side);
      chunk.column<int64_t>(3)[row] = level.price;
      chunk.column<int64_t>(4)[row] = level.quantity;
      chunk.column<int8_t>(5)[row] = keyframe.scale.price_exp;
      chunk.column<int8_t>(6)[row] = keyframe.scale.qty_exp;
    }
    chunk.set_rows(rows);
    tables_->levels_.append(chunk);
  }
  duck::RowChunk& frame = tables_->keyframe_rows_;
  frame.reset();
  frame.column<int32_t>(0)[0] = stream;
  frame.column<int64_t>(1)[0] = ordinal;
  frame.column<int64_t>(2)[0] = stretches_[keyframe.book].book;
  set_optional(frame, 3, 0, keyframe.sequence);
  frame.column<int64_t>(4)[0] = to_epoch_ns(keyframe.ts_event);
  set_optional(frame, 5, 0, ns_of(keyframe.ts_recv));
  frame.column<int64_t>(6)[0] = to_epoch_ns(keyframe.ts_event_min);
  set_optional(frame, 7, 0, ns_of(keyframe.ts_recv_min));
  frame.column<int32_t>(8)[0] = static_cast<int32_t>(keyframe.levels.size());
  frame.set_rows(1);
  tables_->keyframes_.append(frame);
}

void BookLoad::flush_checksums(int64_t first_ordinal) {
  duck::RowChunk& chunk = tables_->checksum_rows_;
  for (size_t from = 0; from < digests_.size(); from += duck::RowChunk::kRows) {
    const size_t rows = std::min(duck::RowChunk::kRows, digests_.size() - from);
    chunk.reset();
    for (size_t row = 0; row < rows; ++row) {
      const auto& [places, digest] = digests_[from + row];
      chunk.column<int32_t>(0)[row] = static_cast<int32_t>(stream_.id);
      chunk.column<int64_t>(1)[row] = first_ordinal + static_cast<int64_t>(places) - 1;
      chunk.column<uint32_t>(2)[row] = digest.checksum;
      chunk.column<uint8_t>(3)[row] = digest.price_digits;
      chunk.column<uint8_t>(4)[row] = digest.qty_digits;
    }
    chunk.set_rows(rows);
    tables_->checksums_.append(chunk);
  }
}

// A stretch that was lost is not to be trusted at its last instant: what is missing may be of it.
void BookLoad::store_coverage(const std::string& source, Recording recording) {
  std::vector<CoverageRow> rows;
  const auto add = [&](TimeRange range, CoverageStatus status, const std::string& cause) {
    if (range.empty()) return false;
    rows.push_back({.dataset = dataset_of_book(stream_.channel),
                    .range = range,
                    .status = status,
                    .cause = cause,
                    .source = source});
    return true;
  };
  const CoverageStatus status = stream_.integrity == BookIntegrity::none
                                    ? CoverageStatus::unverifiable
                                    : CoverageStatus::recorded;
  for (size_t i = 0; i < stretches_.size(); ++i) {
    const BookStretch& stretch = stretches_[i];
    const bool is_whole = !stretch.cause && recording == Recording::ends;
    const Timestamp end = stretch.event_end + (is_whole ? kNanosecond : kNanosecond * 0);
    const Timestamp begin = i == 0 && resumed_at_ ? *resumed_at_ : stretch.event_begin;
    const bool goes_on = i == 0 && !covered_by_.empty() && covered_by_ == source;
    const bool is_new = add({.begin = std::max(begin, past_.lost_until), .end = end}, status, "");
    if (is_new && goes_on &&
        extend_coverage(tables_->transaction(), stream_.instrument, rows.back(),
                        /*goes_on=*/true)) {
      rows.pop_back();
    }
    if (is_new) covered_by_ = source;
    if (!stretch.cause) continue;
    covered_by_.clear();
    Timestamp again = past_.range ? past_.range->end : end;
    if (i + 1 < stretches_.size()) again = stretches_[i + 1].event_begin;
    // A snapshot of the same moment does not hide the loss.
    past_.lost_until = end + kNanosecond;
    add({.begin = end, .end = std::max(again, past_.lost_until)}, CoverageStatus::gap,
        *stretch.cause);
  }
  if (!past_.had_book && past_.range && recording == Recording::ends) {
    add(*past_.range, CoverageStatus::unverifiable, "no snapshot");
  }
  insert_coverage(tables_->transaction(), stream_.instrument, rows);
}

void BookLoad::store(const BookBuilder& builder, const std::string& source, Recording recording) {
  flush();
  stream_.integrity = std::max(stream_.integrity, builder.integrity());
  stream_.depth = builder.rules().depth;
  stream_.updates += rows_;
  store_coverage(source, recording);
  for (const BookStretch& stretch : stretches_)
    put_book_stretch(tables_->transaction(), stream_.id, stretch);
  update_book_stream(tables_->transaction(), stream_);
  if (!stretches_.empty()) last_book_ = stretches_.back().book;
  stretches_.erase(stretches_.begin(), stretches_.end() - (open_ ? 1 : 0));
  resumed_at_.reset();
  if (open_) resumed_at_ = stretches_.back().event_end;
}

}  // namespace tapedeck
