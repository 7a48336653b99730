#include "store/trade_load.hpp"

#include "base/check.hpp"
#include "store/coverage_rows.hpp"
#include "store/grain_choice.hpp"
#include "store/staged_keys.hpp"

#include <algorithm>
#include <cstring>
#include <unordered_map>

namespace tapedeck {
namespace {

// The columns of tape.trades, in order.
enum Column : size_t {
  kInstrument,
  kGrain,
  kTsEvent,
  kTsRecv,
  kTradeId,
  kPrice,
  kQuantity,
  kPriceExp,
  kQtyExp,
  kSide
};

bool rises_without_hole(std::span<const int64_t> ids) {
  // The ids rise, so the distance of the ends tells.
  return ids.back() - ids.front() == static_cast<int64_t>(ids.size()) - 1;
}

struct RowsById {
  std::vector<int64_t> ids;
  std::vector<int64_t> times;
};

RowsById rows_by_id(const TradeView& trades) {
  std::vector<std::pair<int64_t, int64_t>> rows;
  for (size_t row = 0; row < trades.rows(); ++row) {
    rows.emplace_back(trades.trade_id[row], trades.ts_event[row]);
  }
  std::ranges::sort(rows);
  RowsById result;
  for (const auto& [id, time] : rows) {
    result.ids.push_back(id);
    result.times.push_back(time);
  }
  return result;
}

bool equal_values(const Trade& a, Scale a_scale, const Trade& b, Scale b_scale) {
  return a.ts_event == b.ts_event && a.side == b.side &&
         Decimal{a.price.raw(), a_scale.price_exp} == Decimal{b.price.raw(), b_scale.price_exp} &&
         Decimal{a.quantity.raw(), a_scale.qty_exp} == Decimal{b.quantity.raw(), b_scale.qty_exp};
}

}  // namespace

TradeLoad::TradeLoad(StoreCore& core, duck::Transaction& transaction, Instrument instrument,
                     Grain grain, LiveLoad* live)
    : core_{core},
      transaction_{transaction},
      grain_{grain},
      live_{live},
      stored_ids_{stored_ids(transaction.connection(), instrument.id, dataset_of(grain))},
      had_rows_{has_rows(transaction.connection(), instrument.id, dataset_of(Grain::trade)) ||
                has_rows(transaction.connection(), instrument.id, dataset_of(Grain::aggregate))},
      instrument_{std::move(instrument)},
      chunk_{DUCKDB_TYPE_INTEGER,      DUCKDB_TYPE_UTINYINT, DUCKDB_TYPE_TIMESTAMP_NS,
             DUCKDB_TYPE_TIMESTAMP_NS, DUCKDB_TYPE_BIGINT,   DUCKDB_TYPE_BIGINT,
             DUCKDB_TYPE_BIGINT,       DUCKDB_TYPE_TINYINT,  DUCKDB_TYPE_TINYINT,
             DUCKDB_TYPE_UTINYINT} {
  appender_.emplace(transaction, "tape", "trades");
  load_.instrument = instrument_.id;
  load_.dataset = dataset_of(grain);
  std::fill_n(chunk_.column<int32_t>(kInstrument), duck::RowChunk::kRows,
              static_cast<int32_t>(instrument_.id));
  std::fill_n(chunk_.column<uint8_t>(kGrain), duck::RowChunk::kRows, static_cast<uint8_t>(grain));
}

TradeLoad::~TradeLoad() = default;

void TradeLoad::add(const TradeView& trades) {
  if (trades.rows() == 0) return;
  note_segments(trades);
  if (overlaps_stored(trades)) {
    add_overlapping(trades);
  } else {
    append(trades);
  }
}

bool TradeLoad::overlaps_stored(const TradeView& trades) const {
  if (!trades.has_ids || stored_ids_.empty()) return false;
  const auto [low, high] = std::ranges::minmax(trades.trade_id);
  return std::ranges::any_of(stored_ids_, [low = low, high = high](const IdRange& range) {
    return range.begin <= high && low <= range.end;
  });
}

void TradeLoad::note_segments(const TradeView& trades) {
  const size_t rows = trades.rows();
  if (!trades.has_ids) {
    const auto [first, last] = std::ranges::minmax(trades.ts_event);
    if (segments_.empty() || segments_.back().id_begin) {
      segments_.push_back({std::nullopt, std::nullopt, first, last});
    }
    segments_.back().ts_begin = std::min(segments_.back().ts_begin, first);
    segments_.back().ts_end = std::max(segments_.back().ts_end, last);
    return;
  }
  std::span<const int64_t> ids = trades.trade_id;
  std::span<const int64_t> times = trades.ts_event;
  RowsById by_id;
  if (!std::ranges::is_sorted(ids)) {
    by_id = rows_by_id(trades);
    ids = by_id.ids;
    times = by_id.times;
  }
  auto add_run = [&](size_t from, size_t to) {
    const auto [first, last] = std::ranges::minmax(times.subspan(from, to - from));
    if (!segments_.empty() && segments_.back().id_end &&
        *segments_.back().id_end + 1 == ids[from]) {
      segments_.back().ts_begin = std::min(segments_.back().ts_begin, first);
      segments_.back().ts_end = std::max(segments_.back().ts_end, last);
      segments_.back().id_end = ids[to - 1];
    } else {
      segments_.push_back({ids[from], ids[to - 1], first, last});
    }
  };
  if (rises_without_hole(ids)) return add_run(0, rows);
  size_t from = 0;
  for (size_t row = 1; row <= rows; ++row) {
    if (row == rows || ids[row] != ids[row - 1] + 1) {
      add_run(from, row);
      from = row;
    }
  }
}

void TradeLoad::note_stored(const TradeView& trades) {
  load_.rows += static_cast<int64_t>(trades.rows());
  const auto [first, last] = std::ranges::minmax(trades.ts_event);
  load_.ts_begin = std::min(load_.ts_begin.value_or(from_epoch_ns(first)), from_epoch_ns(first));
  load_.ts_end = std::max(load_.ts_end.value_or(from_epoch_ns(last)), from_epoch_ns(last));
  if (trades.has_ids) {
    const auto [low, high] = std::ranges::minmax(trades.trade_id);
    load_.id_begin = std::min(load_.id_begin.value_or(low), low);
    load_.id_end = std::max(load_.id_end.value_or(high), high);
  }
  if (load_.ordered) {
    load_.ordered = trades.ts_event.front() >= last_ts_ && std::ranges::is_sorted(trades.ts_event);
    if (trades.has_ids && load_.ordered) {
      load_.ordered = (trades.ts_event.front() > last_ts_ || trades.trade_id.front() > last_id_) &&
                      std::ranges::is_sorted(trades.trade_id);
    }
  }
  last_ts_ = trades.ts_event.back();
  if (trades.has_ids) last_id_ = trades.trade_id.back();
  one_scale_ = one_scale_ && (!finest_ || *finest_ == trades.scale);
  finest_ = finest_ ? finest(*finest_, trades.scale) : trades.scale;
}

void TradeLoad::append(const TradeView& trades) {
  if (trades.rows() == 0) return;
  note_stored(trades);
  if (live_ != nullptr) {
    live_->minutes.add(trades);
    tapedeck::append(live_->stored, trades);
  } else {
    minutes_.add(trades);
  }
  constexpr size_t kRows = duck::RowChunk::kRows;
  std::fill_n(chunk_.column<int8_t>(kPriceExp), kRows, trades.scale.price_exp);
  std::fill_n(chunk_.column<int8_t>(kQtyExp), kRows, trades.scale.qty_exp);
  if (!trades.has_ids) chunk_.set_all_null(kTradeId);
  if (trades.has_ids && !ids_valid_) chunk_.set_all_valid(kTradeId);
  if (trades.ts_recv.empty()) {
    chunk_.set_all_null(kTsRecv);
  } else {
    chunk_.set_all_valid(kTsRecv);
  }
  ids_valid_ = trades.has_ids;
  for (size_t from = 0; from < trades.rows(); from += kRows) {
    const size_t rows = std::min(kRows, trades.rows() - from);
    auto copy = [&](Column column, std::span<const int64_t> values) {
      std::memcpy(chunk_.column<int64_t>(column), values.data() + from, rows * sizeof(int64_t));
    };
    copy(kTsEvent, trades.ts_event);
    if (trades.has_ids) copy(kTradeId, trades.trade_id);
    if (!trades.ts_recv.empty()) copy(kTsRecv, trades.ts_recv);
    copy(kPrice, trades.price);
    copy(kQuantity, trades.quantity);
    std::memcpy(chunk_.column<uint8_t>(kSide), trades.side.data() + from, rows);
    chunk_.set_rows(rows);
    appender_->append(chunk_);
  }
}

void TradeLoad::add_overlapping(const TradeView& trades) {
  const auto [low, high] = std::ranges::minmax(trades.trade_id);
  struct Stored {
    Trade trade;
    Scale scale;
  };
  std::unordered_map<int64_t, Stored> stored;
  // The ids may be few and far apart: late trades.
  const StagedKeys offered{transaction_, "offered_ids", trades.trade_id};
  duck::Statement& select = transaction_.connection().prepare(
      "SELECT trade_id, ts_event, price, quantity, side, price_exp, qty_exp FROM tape.trades WHERE "
      "instrument_id = CAST(? AS INTEGER) AND grain = CAST(? AS UTINYINT) AND trade_id BETWEEN ? "
      "AND ? AND trade_id IN (SELECT key FROM offered_ids)");
  duck::Result rows = select.bind(1, static_cast<int64_t>(instrument_.id))
                          .bind(2, static_cast<int64_t>(grain_))
                          .bind(3, low)
                          .bind(4, high)
                          .run();
  while (rows.next_row()) {
    stored[rows.int64(0)] = {{.ts_event = rows.timestamp(1),
                              .trade_id = rows.int64(0),
                              .price = Price{rows.int64(2)},
                              .quantity = Qty{rows.int64(3)},
                              .side = static_cast<AggressorSide>(rows.int64(4))},
                             {.price_exp = static_cast<int8_t>(rows.int64(5)),
                              .qty_exp = static_cast<int8_t>(rows.int64(6))}};
  }
  TradeBlock fresh;
  fresh.scale = trades.scale;
  for (size_t row = 0; row < trades.rows(); ++row) {
    const auto found = stored.find(trades.trade_id[row]);
    if (found == stored.end()) {
      fresh.push_back(trades[row]);
      if (!trades.ts_recv.empty()) fresh.ts_recv.push_back(trades.ts_recv[row]);
    } else if (equal_values(found->second.trade, found->second.scale, trades[row], trades.scale)) {
      ++load_.duplicates;
    } else {
      ++load_.conflicts;
      conflicts_.push_back({found->second.trade, trades[row], found->second.scale, trades.scale});
    }
  }
  append(fresh.view());
}

std::vector<CoverageRow> TradeLoad::coverage_rows_of(const LoadFacts& facts) {
  std::vector<CoverageRow> rows;
  if (segments_.empty() && facts.whole_period) {
    rows.push_back({.dataset = load_.dataset,
                    .range = *facts.whole_period,
                    .status = CoverageStatus::verified_empty,
                    .source = facts.source});
  }
  std::ranges::sort(segments_, {}, &Segment::ts_begin);
  for (size_t i = 0; i < segments_.size(); ++i) {
    const Segment& segment = segments_[i];
    TimeRange range{.begin = from_epoch_ns(segment.ts_begin),
                    .end = from_epoch_ns(segment.ts_end + 1)};
    if (facts.whole_period && i == 0)
      range.begin = std::min(range.begin, facts.whole_period->begin);
    if (facts.whole_period && i + 1 == segments_.size()) {
      range.end = std::max(range.end, facts.whole_period->end);
    }
    rows.push_back({.dataset = load_.dataset,
                    .range = range,
                    .id_begin = segment.id_begin,
                    .id_end = segment.id_end,
                    .status = facts.status,
                    .source = facts.source});
  }
  return rows;
}

void TradeLoad::insert_coverage_rows(const LoadFacts& facts) {
  std::vector<CoverageRow> rows = coverage_rows_of(facts);
  if (live_ != nullptr) {
    std::erase_if(rows, [&](const CoverageRow& row) {
      return extend_coverage(transaction_, instrument_.id, row, facts.goes_on);
    });
  }
  insert_coverage(transaction_, instrument_.id, rows);
}

void TradeLoad::store_load() {
  duck::Connection& connection = transaction_.connection();
  std::optional<LoadEnd> before;
  if (live_ != nullptr && load_.rows > 0) {
    before = load_.ordered ? find_stream_end(connection,
                                             {.instrument = instrument_.id,
                                              .dataset = load_.dataset,
                                              .source = load_.source,
                                              .has_ids = load_.id_begin.has_value()},
                                             day_of(*load_.ts_begin))
                           : find_late_load(connection, load_);
  }
  // What lies before the end of an ordered load does not extend it.
  if (before && load_.ordered &&
      (*load_.ts_begin < before->ts_end ||
       (load_.id_begin && before->id_end && *load_.id_begin <= *before->id_end))) {
    before.reset();
  }
  if (before) {
    extend_load(transaction_, before->load_id, load_);
  } else if (live_ == nullptr || load_.rows > 0) {
    insert_load(transaction_, load_);
  }
}

Load TradeLoad::finish(const LoadFacts& facts) {
  TAPEDECK_CHECK(appender_.has_value(), "a load is finished once");
  appender_->close();
  appender_.reset();
  describe(load_, facts);
  if (facts.late) load_.ordered = false;
  store_load();
  insert_coverage_rows(facts);
  if (finest_) {
    instrument_ = core_.catalogue().refine(transaction_, instrument_, *finest_, had_rows_);
    if (!one_scale_) instrument_ = core_.catalogue().mark_mixed(transaction_, instrument_);
  }
  if (live_ != nullptr) {
    live_->minutes.write(transaction_, instrument_, grain_);
  } else {
    minutes_.write(transaction_, instrument_, grain_);
  }
  choose_grains(transaction_, instrument_.id);
  return load_;
}

}  // namespace tapedeck
