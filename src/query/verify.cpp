#include "tapedeck/query/verify.hpp"

#include "base/clock.hpp"
#include "base/file.hpp"
#include "query/bar_range.hpp"
#include "query/moment.hpp"
#include "query/tape_scan.hpp"
#include "query/verify_bars.hpp"
#include "query/verify_books.hpp"
#include "query/verify_coverage.hpp"
#include "query/verify_klines.hpp"
#include "query/verify_orphans.hpp"
#include "query/verify_scan.hpp"
#include "store/grain_choice.hpp"
#include "store/minute_bars.hpp"
#include "tapedeck/store/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace tapedeck {
namespace {

using std::chrono::nanoseconds;

constexpr std::array kGrains{Grain::trade, Grain::aggregate};

// What is known before anything is read, all of one moment.
struct Subject {
  Instrument instrument;
  std::shared_ptr<const TapeFacts> facts;
  std::shared_ptr<const std::vector<BookIndex>> books;
  std::array<TapePlan, 2> plans;  // of kGrains, each as if there were no other
};

// Rows of tape.trades of one instrument and grain, counted without regard to loads.
struct Counted {
  int64_t rows = 0;
  Scale finest;
  bool one_scale = true;
};

// Bars that are to be computed again.
struct WrongBars {
  InstrumentId instrument{};
  Grain grain = Grain::trade;
  std::set<Timestamp> begins;
};

// Joins minutes that two slices share.
class MinuteJoiner {
 public:
  explicit MinuteJoiner(const std::function<void(const MinuteBar&)>& use) : use_{use} {}

  void add(const MinuteBar& minute) {
    if (!open_ || open_->bar.begin != minute.bar.begin) {
      finish();
      open_ = minute;
      return;
    }
    open_->bar = joined(open_->bar, minute.bar);
    open_->rows_hash += minute.rows_hash;
    const auto lower = [](auto a, auto b) { return a && b ? std::min(a, b) : a ? a : b; };
    open_->id_begin = lower(open_->id_begin, minute.id_begin);
    open_->id_end = std::max(open_->id_end, minute.id_end);
  }

  void finish() {
    if (open_) use_(*open_);
    open_.reset();
  }

 private:
  // Constant after construction
  const std::function<void(const MinuteBar&)>& use_;
  std::optional<MinuteBar> open_;
};

class Verification {
 public:
  Verification(Store& store, const VerifyRequest& request,
               const std::function<void(const Finding&)>& use,
               const std::function<void(const VerifyProgress&)>& progress, std::stop_token stop)
      : store_{store},
        core_{store.core()},
        request_{request},
        range_{whole_bars(request.range, *BarInterval::parse("1m"))},
        use_{use},
        progress_{progress},
        stop_{std::move(stop)},
        report_finding_{[this](const Finding& finding) { report(finding); }} {
    // A range that begins within a minute means that minute as well.
    if (request.range.begin != TimeRange{}.begin) {
      range_.begin = BarInterval::parse("1m")->begin_of(request.range.begin);
    }
  }

  VerifyReport run() {
    const int64_t began = steady_ns();
    if (request_.fix && core_.mode() == OpenMode::read) {
      throw Error{ErrorCode::read_only,
                  fmt::format("the store '{}' was opened for reading only, so nothing in it can be "
                              "computed again",
                              store_.path().string())};
    }
    if (!request_.instrument) check_schema();
    {
      const Moment moment{core_, scan_threads() + 1,
                          [this] { instruments_ = store_.instruments(); }};
      reader_ = moment.readers().back();
      take_subjects();
      count_rows();
      for (const Subject& subject : subjects_) {
        if (stop_.stop_requested()) break;
        check_subject(moment, subject);
      }
      if (!request_.instrument) check_orphans(*reader_, report_finding_);
      check_loads();
      reader_ = nullptr;
    }
    result_.cancelled = stop_.stop_requested();
    if (request_.fix && !result_.cancelled) fix();
    result_.seconds = static_cast<double>(steady_ns() - began) / 1e9;
    return result_;
  }

 private:
  void report(const Finding& finding) {
    ++result_.findings;
    use_(finding);
  }

  void check_schema() {
    for (const std::string& difference : verify_schema(store_).differences) {
      const size_t colon = difference.find(": ");
      report({.dataset = "schema",
              .what = difference.substr(colon == std::string::npos ? 0 : colon + 2),
              .expected = difference.starts_with("missing") ? "there" : "not there",
              .found = difference.starts_with("missing") ? "missing" : "there"});
    }
  }

  void take_subjects() {
    for (const Instrument& instrument : instruments_) {
      if (request_.instrument && instrument.id != request_.instrument->id) continue;
      Subject& subject = subjects_.emplace_back();
      subject.instrument = instrument;
      subject.facts = core_.tape_facts(*reader_, instrument.id, std::nullopt);
      subject.books = core_.book_indexes(*reader_, instrument.id, std::nullopt);
      for (const BookIndex& index : *subject.books)
        now_.rows_expected += index.stream.updates;
      for (size_t i = 0; i < kGrains.size(); ++i) {
        subject.plans[i] = plan_stored_tape(
            *subject.facts, {.instrument = instrument, .range = range_, .grain = kGrains[i]});
      }
    }
  }

  void count_rows() {
    duck::Result rows =
        reader_
            ->prepare(
                "SELECT instrument_id, grain, count(*), min(price_exp), min(qty_exp), "
                "max(price_exp) = min(price_exp) AND max(qty_exp) = min(qty_exp) FROM tape.trades "
                "WHERE ts_event >= ? AND ts_event < ? AND (instrument_id = $3 OR $3 IS NULL) "
                "GROUP BY ALL")
            .bind(1, range_.begin)
            .bind(2, range_.end)
            .bind(3, request_.instrument
                         ? std::optional{static_cast<int64_t>(request_.instrument->id)}
                         : std::nullopt)
            .run();
    while (rows.next_row()) {
      counted_[{static_cast<InstrumentId>(rows.int64(0)), static_cast<Grain>(rows.int64(1))}] = {
          .rows = rows.int64(2),
          .finest = {.price_exp = static_cast<int8_t>(rows.int64(3)),
                     .qty_exp = static_cast<int8_t>(rows.int64(4))},
          .one_scale = rows.boolean(5)};
      now_.rows_expected += rows.int64(2);
    }
  }

  void check_subject(const Moment& moment, const Subject& subject) {
    now_.at = to_text(subject.instrument.name);
    const std::vector<GivenSeries> series = given_series(*reader_, subject.instrument.id);
    int64_t klines = 0;
    for (const GivenSeries& one : series)
      klines += check_given_klines(*reader_, subject.instrument, one, range_, report_finding_);
    check_open_interest(*reader_, subject.instrument, range_, report_finding_);
    check_set_aside(subject);
    check_books(subject);
    int64_t compared = 0;
    for (size_t i = 0; i < kGrains.size(); ++i) {
      check_scale(subject, kGrains[i]);
      compared += check_grain(moment, subject, i, series);
    }
    result_.klines += compared;
    result_.klines_unmatched += std::max<int64_t>(0, klines - compared);
  }

  void check_set_aside(const Subject& subject) {
    const TapeFacts& facts = *subject.facts;
    const auto has_rows = [&](Grain grain) {
      return std::ranges::any_of(facts.loads,
                                 [&](const TradeLoadSpan& load) { return load.grain == grain; });
    };
    std::vector<SetAside> expected;
    if (has_rows(Grain::trade) && has_rows(Grain::aggregate)) {
      expected = joined_days(grains_set_aside(facts.trades, facts.aggregates));
    }
    const auto text = [](const std::vector<SetAside>& ranges) {
      std::string list;
      for (const SetAside& one : ranges) {
        list += fmt::format("{}{} {} – {}", list.empty() ? "" : ", ", dataset_of(one.grain),
                            to_iso(one.range.begin), to_iso(one.range.end));
      }
      return list.empty() ? std::string{"none"} : list;
    };
    if (text(expected) == text(facts.set_aside)) return;
    set_aside_wrong_.push_back(subject.instrument.id);
    report({.instrument = to_text(subject.instrument.name),
            .dataset = "superseded",
            .what = "set aside",
            .expected = text(expected),
            .found = text(facts.set_aside),
            .cause = "which grain counts does not follow from coverage"});
  }

  void check_books(const Subject& subject) {
    for (const BookIndex& index : *subject.books) {
      CheckedBooks checked;
      BookCheck check{*reader_, subject.instrument, index, report_finding_, checked};
      const VerifyReport before = result_;
      const auto add_up = [&] {
        result_.book_updates = before.book_updates + checked.updates;
        result_.book_keyframes = before.book_keyframes + checked.keyframes;
        result_.book_checksums = before.book_checksums + checked.checksums;
        result_.book_quotes = before.book_quotes + checked.quotes;
        report_progress();
        return !stop_.stop_requested();
      };
      check.run(request_.range, add_up);
      if (!add_up()) return;
      if (request_.range == TimeRange{}) check.count_rows();
    }
  }

  void check_scale(const Subject& subject, Grain grain) {
    const auto found = counted_.find({subject.instrument.id, grain});
    if (found == counted_.end()) return;
    const Counted& counted = found->second;
    const Scale known = subject.instrument.scale;
    const bool finer =
        counted.finest.price_exp < known.price_exp || counted.finest.qty_exp < known.qty_exp;
    const bool unmarked =
        !subject.instrument.mixed_scale && (!counted.one_scale || counted.finest != known);
    if (!finer && !unmarked) return;
    report({.instrument = to_text(subject.instrument.name),
            .dataset = dataset_of(grain),
            .what = "price_exp, qty_exp",
            .expected = fmt::format("{}, {}", known.price_exp, known.qty_exp),
            .found = fmt::format("{}, {}{}", counted.finest.price_exp, counted.finest.qty_exp,
                                 counted.one_scale ? "" : " and others"),
            .cause = "rows have other exponents than the instrument says"});
  }

  Instrument as_stored(Instrument instrument, Grain grain) const {
    const auto found = counted_.find({instrument.id, grain});
    if (found == counted_.end()) return instrument;
    const Counted& counted = found->second;
    instrument.mixed_scale =
        instrument.mixed_scale || !counted.one_scale || counted.finest != instrument.scale;
    instrument.scale = finest(instrument.scale, counted.finest);
    return instrument;
  }

  // Returns the klines that were compared.
  int64_t check_grain(const Moment& moment, const Subject& subject, size_t index,
                      const std::vector<GivenSeries>& series) {
    const Grain grain = kGrains[index];
    TapePlan plan = subject.plans[index];
    // Rows whose exponents are not those of their instrument were named; they are still read.
    plan.instrument = as_stored(subject.instrument, grain);
    TimeRange kept = range_;
    if (const auto open = subject.facts->open_minute(grain)) kept.end = std::min(kept.end, *open);
    BarsCheck bars{*reader_, plan.instrument, grain, kept, report_finding_};
    const ComparedTape tape{.instrument = plan.instrument,
                            .grain = grain,
                            .range = range_,
                            .set_aside = set_aside_of(*subject.facts, grain),
                            .covered = subject.facts->covered(grain)};
    std::vector<std::unique_ptr<KlineCheck>> klines;
    for (const GivenSeries& one : series) {
      const auto width = one.interval.width();
      if (width && *width < std::chrono::minutes{1}) continue;
      klines.push_back(std::make_unique<KlineCheck>(*reader_, tape, one, report_finding_));
    }
    const std::function<void(const MinuteBar&)> take = [&](const MinuteBar& minute) {
      bars.add(minute);
      for (const auto& check : klines)
        check->add(minute.bar);
    };
    MinuteJoiner joiner{take};
    IdRuns ids;
    const int64_t rows = scan(moment, plan, joiner, ids);
    if (stop_.stop_requested()) return 0;
    joiner.finish();
    bars.finish();
    result_.minutes += bars.compared();
    if (!bars.wrong().empty()) {
      wrong_bars_.push_back(
          {subject.instrument.id, grain, {bars.wrong().begin(), bars.wrong().end()}});
    }
    int64_t compared = 0;
    for (const auto& check : klines) {
      check->finish();
      compared += check->compared();
    }
    const bool ids_hold = check_ids(*reader_, tape, ids.rising(), report_finding_);
    check_rows(subject, grain, rows, ids_hold);
    return compared;
  }

  int64_t scan(const Moment& moment, const TapePlan& plan, MinuteJoiner& joiner, IdRuns& ids) {
    int64_t rows = 0;
    OrderedScan<VerifiedSlice> scan{moment.readers().first(scan_threads()),
                                    sliced_for(plan.pieces, scan_threads()),
                                    [&](Reader& reader, const TapePiece& slice) {
                                      return verify_slice(reader, plan.instrument, slice);
                                    }};
    scan.run([&](VerifiedSlice&& slice) {
      for (const Finding& finding : slice.findings)
        report(finding);
      for (const MinuteBar& minute : slice.minutes)
        joiner.add(minute);
      ids.add(slice.ids);
      rows += slice.rows;
      result_.trades += slice.rows;
      report_progress();
      return stop_.stop_requested() ? KeepGoing::stop : KeepGoing::go_on;
    });
    return rows;
  }

  static std::vector<TimeRange> set_aside_of(const TapeFacts& facts, Grain grain) {
    std::vector<TimeRange> result;
    for (const SetAside& one : facts.set_aside) {
      if (one.grain == grain) result.push_back(one.range);
    }
    return result;
  }

  void check_rows(const Subject& subject, Grain grain, int64_t scanned, bool ids_hold) {
    const auto counted = counted_.find({subject.instrument.id, grain});
    const int64_t stored = counted == counted_.end() ? 0 : counted->second.rows;
    const auto differs = [&](int64_t expected, int64_t found, std::string cause) {
      report({.instrument = to_text(subject.instrument.name),
              .dataset = dataset_of(grain),
              .what = "rows",
              .expected = fmt::format("{}", expected),
              .found = fmt::format("{}", found),
              .cause = std::move(cause)});
    };
    if (stored != scanned) {
      differs(scanned, stored,
              "rows lie outside the time of every load, where no query finds them");
    }
    const bool any_deleted = std::ranges::any_of(
        subject.facts->covered(grain),
        [](const CoverageRow& row) { return row.status == CoverageStatus::deleted; });
    if (range_ != TimeRange{} || any_deleted || !ids_hold) return;
    int64_t loaded = 0;
    for (const TradeLoadSpan& load : subject.facts->loads) {
      if (load.grain == grain) loaded += load.rows;
    }
    if (loaded != stored) differs(loaded, stored, "the loads wrote another number");
  }

  void check_loads() {
    duck::Result rows =
        reader_
            ->prepare(
                "SELECT v.venue || ':' || i.symbol, l.path, l.sha256 FROM tape.loads l LEFT JOIN "
                "tape.instruments i USING (instrument_id) LEFT JOIN tape.venues v USING (venue_id) "
                "WHERE l.instrument_id = $1 OR $1 IS NULL ORDER BY l.load_id")
            .bind(1, request_.instrument
                         ? std::optional{static_cast<int64_t>(request_.instrument->id)}
                         : std::nullopt)
            .run();
    while (rows.next_row() && !stop_.stop_requested()) {
      ++result_.loads;
      if (!request_.deep || rows.is_null(1) || rows.is_null(2)) continue;
      check_file(rows.find_text(0).value_or(""), rows.text(1), rows.text(2));
    }
  }

  void check_file(const std::string& instrument, const std::string& path,
                  const std::string& expected) {
    now_.at = path;
    report_progress();
    Finding finding{.instrument = instrument, .dataset = "loads", .what = "sha256"};
    finding.expected = expected;
    try {
      const MappedFile file{path};
      ++result_.files;
      finding.found = sha256_hex(file.bytes());
      if (finding.found == expected) return;
      finding.cause = fmt::format("'{}' is not the file that was loaded", path);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::not_found) {
        ++result_.files_absent;
        return;
      }
      finding.found = "unreadable";
      finding.cause = error.what();
    }
    report(finding);
  }

  void fix() {
    for (const WrongBars& wrong : wrong_bars_) {
      core_.write([&](duck::Transaction& transaction) {
        const std::optional<Instrument> instrument = core_.catalogue().find(wrong.instrument);
        rebuild_minute_bars(transaction, instrument.value(), wrong.grain, wrong.begins);
      });
      result_.fixed += std::ssize(wrong.begins);
    }
    for (const InstrumentId instrument : set_aside_wrong_) {
      core_.write([&](duck::Transaction& transaction) { choose_grains(transaction, instrument); });
      ++result_.fixed;
    }
  }

  void report_progress() {
    constexpr int64_t kEveryNs = 100'000'000;
    const int64_t now = steady_ns();
    if (!progress_ || now - progress_at_ < kEveryNs) return;
    progress_at_ = now;
    now_.rows = result_.trades + result_.book_updates;
    progress_(now_);
  }

  // Constant after construction
  Store& store_;
  StoreCore& core_;
  const VerifyRequest& request_;
  TimeRange range_;
  const std::function<void(const Finding&)>& use_;
  const std::function<void(const VerifyProgress&)>& progress_;
  std::stop_token stop_;
  UseFinding report_finding_;

  std::vector<Instrument> instruments_;
  std::vector<Subject> subjects_;
  std::map<std::pair<InstrumentId, Grain>, Counted> counted_;
  Reader* reader_ = nullptr;  // of this thread, at the moment
  VerifyReport result_;
  std::vector<WrongBars> wrong_bars_;
  std::vector<InstrumentId> set_aside_wrong_;
  VerifyProgress now_;
  int64_t progress_at_ = 0;
};

}  // namespace

VerifyReport verify(Store& store, const VerifyRequest& request,
                    const std::function<void(const Finding&)>& use,
                    const std::function<void(const VerifyProgress&)>& progress,
                    std::stop_token stop) {
  return Verification{store, request, use, progress, std::move(stop)}.run();
}

}  // namespace tapedeck
