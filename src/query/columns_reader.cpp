#include "query/columns_reader.hpp"

#include "base/check.hpp"
#include "query/tape_scan.hpp"

#include <algorithm>
#include <cstring>
#include <latch>
#include <thread>

namespace tapedeck {

ColumnsReader::ColumnsReader(const TapeReading& reading, TradeBlock& into)
    : readers_{reading.readers()}, plan_{reading.plan()}, into_{into} {
  const int64_t rows = rows_of(plan_);
  const auto most = static_cast<int64_t>(readers_.size());
  const int64_t workers = std::clamp<int64_t>(rows / kRowsWorthACore, 1, most);
  const int64_t rows_a_part = rows / workers + 1;
  int64_t taken = 0;
  for (const TapePiece& slice : sliced(plan_.pieces, rows_a_part)) {
    if (parts_.empty() || taken + slice.rows / 2 >= rows_a_part) {
      if (parts_.empty() || static_cast<int64_t>(parts_.size()) < workers) {
        parts_.emplace_back();
        taken = 0;
      }
    }
    parts_.back().slices.push_back(slice);
    taken += slice.rows;
  }
}

void ColumnsReader::count(Reader& reader, Part& part) const {
  for (const TapePiece& slice : part.slices) {
    if (slice.held) {
      const TradeView held = held_rows(slice);
      part.rows += held.rows();
      part.has_ids = part.has_ids && held.has_ids;
      continue;
    }
    duck::Result rows = reader
                            .prepare(
                                "SELECT count(*), count(trade_id) FROM tape.trades WHERE "
                                "instrument_id = CAST(? AS INTEGER) AND grain = CAST(? AS "
                                "UTINYINT) AND ts_event >= ? AND "
                                "ts_event < ?")
                            .bind(1, static_cast<int64_t>(plan_.instrument.id))
                            .bind(2, static_cast<int64_t>(slice.grain))
                            .bind(3, slice.range.begin)
                            .bind(4, slice.range.end)
                            .run();
    rows.next_row();
    part.rows += static_cast<size_t>(rows.int64(0));
    part.has_ids = part.has_ids && rows.int64(0) == rows.int64(1);
  }
}

void ColumnsReader::place() {
  size_t rows = 0;
  bool has_ids = true;
  for (Part& part : parts_) {
    part.begin = rows;
    rows += part.rows;
    has_ids = has_ids && part.has_ids;
  }
  into_.has_ids = has_ids;
  into_.ts_event.resize(rows);
  into_.price.resize(rows);
  into_.quantity.resize(rows);
  into_.side.resize(rows);
  into_.trade_id.resize(has_ids ? rows : 0);
}

void ColumnsReader::put(const TradeView& view, size_t at, size_t end) {
  TAPEDECK_CHECK(at + view.rows() <= end, "more rows than were counted before row {}", end);
  const auto copy = [&](auto& to, const auto& from) {
    std::memcpy(to.data() + at, from.data(), from.size_bytes());
  };
  copy(into_.ts_event, view.ts_event);
  copy(into_.price, view.price);
  copy(into_.quantity, view.quantity);
  copy(into_.side, view.side);
  if (into_.has_ids) copy(into_.trade_id, view.trade_id);
}

void ColumnsReader::copy(Reader& reader, Part& part) {
  size_t at = part.begin;
  const size_t end = part.begin + part.rows;
  for (const TapePiece& slice : part.slices) {
    const WithIds with_ids = into_.has_ids ? WithIds::yes : WithIds::no;
    scan_piece(reader, plan_.instrument, slice, with_ids, [&](const TradeView& view) {
      put(view, at, end);
      at += view.rows();
      return KeepGoing::go_on;
    });
  }
  TAPEDECK_CHECK(at == end, "fewer rows than were counted: {}", part.rows);
}

void ColumnsReader::read() {
  if (parts_.empty()) return into_.clear();
  std::latch counted{static_cast<ptrdiff_t>(parts_.size())};
  std::latch placed{1};
  Mutex mutex;
  std::exception_ptr failure;
  const auto note_failure = [&] {
    const MutexLock lock{mutex};
    if (!failure) failure = std::current_exception();
  };
  const auto failed = [&] {
    const MutexLock lock{mutex};
    return failure != nullptr;
  };
  auto work = [&](Reader& reader, Part& part, bool places) {
    try {
      count(reader, part);
    } catch (...) {  // a thread's root: the failure goes to the caller
      note_failure();
    }
    counted.count_down();
    if (places) {
      counted.wait();
      try {
        place();
      } catch (...) {  // the others wait
        note_failure();
      }
      placed.count_down();
    }
    placed.wait();
    try {
      if (!failed()) copy(reader, part);
    } catch (...) {  // a thread's root: the failure goes to the caller
      note_failure();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (size_t i = 1; i < parts_.size(); ++i) {
      threads.emplace_back([&, i] { work(*readers_[i], parts_[i], false); });
    }
    work(*readers_.front(), parts_.front(), true);
  }
  if (failure) std::rethrow_exception(failure);
}

void read_columns(const TapeReading& reading, TradeBlock& into) {
  into.scale = reading.plan().instrument.scale;
  ColumnsReader{reading, into}.read();
}

}  // namespace tapedeck
