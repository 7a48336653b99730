#include "store/given_books.hpp"

#include "store/open_book.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace tapedeck {
namespace {

using Sides = std::array<std::vector<WireLevel>, 2>;  // by BookSide

std::vector<BookStretch> stretches_of(duck::Transaction& transaction, InstrumentId instrument,
                                      std::string_view channel) {
  return book_stretches(transaction.connection(),
                        find_or_insert_book_stream(transaction, instrument, channel).id);
}

// Rows between the same two stretches that are stored belong together.
template <typename Row>
std::map<ptrdiff_t, std::vector<Row>> parts_of(std::vector<Row> rows,
                                               const std::vector<BookStretch>& stored,
                                               Timestamp Row::*time) {
  std::map<ptrdiff_t, std::vector<Row>> parts;
  for (Row& row : rows) {
    const Timestamp t = row.*time;
    const bool is_stored = std::ranges::any_of(stored, [&](const BookStretch& stretch) {
      return stretch.event_begin <= t && t <= stretch.event_end;
    });
    if (is_stored) continue;
    const auto before = std::ranges::count_if(
        stored, [&](const BookStretch& stretch) { return stretch.event_end < t; });
    parts[before].push_back(std::move(row));
  }
  for (auto& [before, part] : parts)
    std::ranges::stable_sort(part, {}, time);
  return parts;
}

// One book, which begins with the first message.
class GivenBook {
 public:
  GivenBook(duck::Transaction& transaction, const BookStream& stream, const BookRules& rules)
      : book_{stream, rules, std::nullopt}, tables_{transaction} {
    book_.load.begin(tables_);
  }
  void add(Timestamp t, std::optional<int64_t> sequence, const Sides& sides) {
    const bool is_first = !std::exchange(begun_, true);
    const bool is_whole = is_first || book_.builder.rules().whole;
    book_.builder.apply({.kind = is_whole ? BookMessageKind::snapshot : BookMessageKind::update,
                         .ts_event = t,
                         .sequence = sequence,
                         .bids = sides[0],
                         .asks = sides[1]});
  }
  void store(const std::string& source) {
    book_.builder.finish();
    book_.load.store(book_.builder, source, Recording::ends);
    tables_.close();
  }

 private:
  OpenBook book_;
  BookTables tables_;
  bool begun_ = false;
};

void add_snapshots(GivenBook& book, const std::vector<DepthLevel>& levels) {
  for (auto from = levels.begin(); from != levels.end();) {
    const auto to = std::find_if(
        from, levels.end(), [&](const DepthLevel& row) { return row.ts_event != from->ts_event; });
    Sides sides;
    for (auto row = from; row != to; ++row)
      sides.at(static_cast<size_t>(row->side)).push_back(row->level);
    book.add(from->ts_event, from->sequence, sides);
    from = to;
  }
}

// What stands, and what changes at each moment.
class Runs {
 public:
  explicit Runs(const std::vector<LevelRun>& runs) {
    for (const LevelRun& run : runs) {
      moments_[run.begin].begun.push_back(&run);
      moments_[run.end].ended.push_back(&run);
    }
  }
  void add_to(GivenBook& book) {
    for (const auto& [t, moment] : moments_)
      book.add(t, std::nullopt, changes_at(t, moment));
  }

 private:
  using Place = std::tuple<BookSide, int64_t, int8_t>;  // and the price, which has one spelling
  struct Moment {
    std::vector<const LevelRun*> begun;
    std::vector<const LevelRun*> ended;
  };
  static Place place_of(const LevelRun& run) {
    return {run.side, run.level.price.units, run.level.price.exponent};
  }

  Sides changes_at(Timestamp t, const Moment& moment) {
    std::map<Place, WireLevel> changes;
    for (const LevelRun* const run : moment.ended) {
      const auto until = standing_until_.find(place_of(*run));
      if (until == standing_until_.end() || until->second != t) continue;
      standing_until_.erase(until);
      changes[place_of(*run)] = {.price = run->level.price, .quantity = {}};
    }
    for (const LevelRun* const run : moment.begun) {
      standing_until_[place_of(*run)] = run->end;
      changes[place_of(*run)] = run->level;
    }
    Sides sides;
    for (const auto& [place, level] : changes)
      sides.at(static_cast<size_t>(std::get<BookSide>(place))).push_back(level);
    return sides;
  }

  std::map<Timestamp, Moment> moments_;
  std::map<Place, Timestamp> standing_until_;
};

}  // namespace

int64_t insert_depth_levels(duck::Transaction& transaction, InstrumentId instrument,
                            std::vector<DepthLevel> levels, const std::string& source) {
  int64_t stored = 0;
  for (const auto& [before, part] :
       parts_of(std::move(levels), stretches_of(transaction, instrument, kSnapshotsChannel),
                &DepthLevel::ts_event)) {
    GivenBook book{transaction,
                   find_or_insert_book_stream(transaction, instrument, kSnapshotsChannel),
                   {.whole = true}};
    add_snapshots(book, part);
    book.store(source);
    stored += std::ssize(part);
  }
  return stored;
}

int64_t insert_level_runs(duck::Transaction& transaction, InstrumentId instrument,
                          std::vector<LevelRun> runs, const std::string& source) {
  int64_t stored = 0;
  for (const auto& [before, part] :
       parts_of(std::move(runs), stretches_of(transaction, instrument, kRunsChannel),
                &LevelRun::begin)) {
    GivenBook book{
        transaction, find_or_insert_book_stream(transaction, instrument, kRunsChannel), {}};
    Runs{part}.add_to(book);
    book.store(source);
    stored += std::ssize(part);
  }
  return stored;
}

}  // namespace tapedeck
