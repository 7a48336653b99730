#include "query/verify_klines.hpp"

#include "query/verify_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <tuple>
#include <utility>

namespace tapedeck {
namespace {

// So many klines of a series are in memory at once.
constexpr int64_t kWindowRows = 100'000;
constexpr std::chrono::days kLongestWindow{3650};

std::set<Date> days_with_klines(Reader& reader, InstrumentId instrument,
                                const GivenSeries& series) {
  duck::Result rows = reader
                          .prepare(
                              "SELECT DISTINCT epoch_ns(\"begin\") // 86400000000000 FROM "
                              "tape.bars WHERE instrument_id = CAST(? AS INTEGER) AND interval = ? "
                              "AND source = ?")
                          .bind(1, static_cast<int64_t>(instrument))
                          .bind(2, series.interval.text())
                          .bind(3, std::string_view{series.source})
                          .run();
  std::set<Date> result;
  while (rows.next_row())
    result.insert(Date{std::chrono::days{rows.int64(0)}});
  return result;
}

Finding finding_of(const Instrument& instrument, std::string dataset, Timestamp at) {
  return {.instrument = to_text(instrument.name), .dataset = std::move(dataset), .time = at};
}

// Why the kline cannot be; what, expected and found.
std::optional<std::array<std::string, 3>> contradiction(const Kline& kline, BarInterval interval) {
  const auto above = [](const Decimal& a, const Decimal& b) { return compare(a, b) > 0; };
  if (interval.begin_of(kline.begin) != kline.begin) {
    return {{"begin", to_iso(interval.begin_of(kline.begin)), to_iso(kline.begin)}};
  }
  const Decimal& top = above(kline.open, kline.close) ? kline.open : kline.close;
  const Decimal& bottom = above(kline.open, kline.close) ? kline.close : kline.open;
  if (above(top, kline.high)) return {{"high", to_text(top) + " or more", to_text(kline.high)}};
  if (above(kline.low, bottom)) return {{"low", to_text(bottom) + " or less", to_text(kline.low)}};
  if (kline.low.units <= 0) return {{"low", "above 0", to_text(kline.low)}};
  if (kline.volume.units < 0) return {{"volume", "0 or more", to_text(kline.volume)}};
  if (kline.buy_volume && above(*kline.buy_volume, kline.volume)) {
    return {{"buy_volume", to_text(kline.volume) + " or less", to_text(*kline.buy_volume)}};
  }
  return std::nullopt;
}

// What of a bar that was cut cannot be in the venue's whole one.
Differences impossible(const Bar& bar, const Kline& kline, Scale scale, const BarCut& cut) {
  Differences result;
  const auto add = [&](std::string_view name, const Decimal& ours, const Decimal& theirs,
                       bool is_wrong) {
    if (is_wrong) result.add(name, to_text(ours), to_text(theirs));
  };
  const auto price = [&](Price p) { return Decimal{p.raw(), scale.price_exp}; };
  const auto volume = [&](Volume v) { return Decimal{v, scale.qty_exp}; };
  const auto above = [](const Decimal& a, const Decimal& b) { return compare(a, b) > 0; };
  add("open", price(bar.open), kline.open, !cut.front && !(price(bar.open) == kline.open));
  add("high", price(bar.high), kline.high, above(price(bar.high), kline.high));
  add("low", price(bar.low), kline.low, above(kline.low, price(bar.low)));
  add("close", price(bar.close), kline.close, !cut.back && !(price(bar.close) == kline.close));
  add("volume", volume(bar.volume), kline.volume, above(volume(bar.volume), kline.volume));
  if (kline.buy_volume) {
    const Decimal bought = volume(bar.buy_volume);
    add("buy_volume", bought, *kline.buy_volume, above(bought, *kline.buy_volume));
  }
  if (kline.trades && *kline.trades < bar.trades) {
    result.add("trades", std::to_string(bar.trades), std::to_string(*kline.trades));
  }
  return result;
}

Differences differences(const Bar& bar, const Kline& kline, Scale scale, Grain grain) {
  Differences result;
  const auto add = [&](std::string_view name, const Decimal& ours, const Decimal& theirs) {
    if (!(ours == theirs)) result.add(name, to_text(ours), to_text(theirs));
  };
  const auto price = [&](Price p) { return Decimal{p.raw(), scale.price_exp}; };
  const auto volume = [&](Volume v) { return Decimal{v, scale.qty_exp}; };
  add("open", price(bar.open), kline.open);
  add("high", price(bar.high), kline.high);
  add("low", price(bar.low), kline.low);
  add("close", price(bar.close), kline.close);
  add("volume", volume(bar.volume), kline.volume);
  if (kline.buy_volume) add("buy_volume", volume(bar.buy_volume), *kline.buy_volume);
  if (!kline.trades) return result;
  // The venue counts single trades; an aggregate is one or more of them.
  const bool equal = *kline.trades == bar.trades;
  if (grain == Grain::trade && !equal) {
    result.add("trades", std::to_string(bar.trades), std::to_string(*kline.trades));
  } else if (grain == Grain::aggregate && *kline.trades < bar.trades) {
    result.add("trades", fmt::format("{} or more", bar.trades), std::to_string(*kline.trades));
  }
  return result;
}

}  // namespace

KlineFeed::KlineFeed(Reader& reader, InstrumentId instrument, const GivenSeries& series,
                     TimeRange range)
    : reader_{reader},
      instrument_{instrument},
      series_{series},
      unread_{intersect(range, series.range)} {}

const Kline* KlineFeed::front() {
  while (read_.empty() && !unread_.empty()) {
    TimeRange window = unread_;
    const std::chrono::nanoseconds width = std::min<std::chrono::nanoseconds>(
        kLongestWindow, kWindowRows * series_.interval.width().value_or(std::chrono::days{1}));
    if (window.end - window.begin > width) window.end = window.begin + width;
    for (const Kline& kline :
         given_klines(reader_, instrument_, series_.interval, series_.source, window))
      read_.push_back(kline);
    unread_.begin = window.end;
  }
  return read_.empty() ? nullptr : &read_.front();
}

int64_t check_given_klines(Reader& reader, const Instrument& instrument, const GivenSeries& series,
                           TimeRange range, const UseFinding& use) {
  KlineFeed feed{reader, instrument.id, series, range};
  int64_t rows = 0;
  std::optional<Timestamp> last;
  for (const Kline* kline = feed.front(); kline != nullptr; kline = feed.front()) {
    ++rows;
    Finding finding = finding_of(instrument, dataset_of_klines(series.interval), kline->begin);
    if (last == kline->begin) {
      finding.what = "kline";
      finding.expected = "once";
      finding.found = "twice";
      use(finding);
    }
    last = kline->begin;
    if (const auto wrong = contradiction(*kline, series.interval)) {
      std::tie(finding.what, finding.expected, finding.found) =
          std::tie((*wrong)[0], (*wrong)[1], (*wrong)[2]);
      finding.cause = "the kline contradicts itself";
      use(finding);
    }
    feed.pop();
  }
  return rows;
}

void check_open_interest(Reader& reader, const Instrument& instrument, TimeRange range,
                         const UseFinding& use) {
  duck::Result rows =
      reader
          .prepare(
              "SELECT ts_event, count(*), min(open_interest) < 0 FROM tape.open_interest WHERE "
              "instrument_id = CAST(? AS INTEGER) AND ts_event >= ? AND ts_event < ? GROUP BY "
              "ts_event HAVING count(*) > 1 OR min(open_interest) < 0 ORDER BY ts_event")
          .bind(1, static_cast<int64_t>(instrument.id))
          .bind(2, range.begin)
          .bind(3, range.end)
          .run();
  while (rows.next_row()) {
    Finding finding = finding_of(instrument, std::string{kOpenInterestDataset}, rows.timestamp(0));
    const bool negative = rows.boolean(2);
    finding.what = negative ? "open_interest" : "row";
    finding.expected = negative ? "0 or more" : "once";
    finding.found = negative ? "below 0" : fmt::format("{} times", rows.int64(1));
    use(finding);
  }
}

KlineCheck::KlineCheck(Reader& reader, const ComparedTape& tape, const GivenSeries& series,
                       const UseFinding& use)
    : tape_{tape},
      series_{series},
      use_{use},
      completeness_{tape.covered},
      days_{days_with_klines(reader, tape.instrument.id, series)},
      feed_{reader, tape.instrument.id, series, tape.range} {}

void KlineCheck::add(const Bar& minute) {
  const BarInterval interval = series_.interval;
  Bar part = minute;
  part.begin = interval.begin_of(minute.begin);
  part.end = interval.next(part.begin);
  if (open_ && open_->begin == part.begin) {
    open_ = joined(*open_, part);
    return;
  }
  const std::optional<Bar> whole = std::exchange(open_, part);
  if (whole) own(*whole);
}

void KlineCheck::finish() {
  if (open_) own(*open_);
  open_.reset();
  for (const Kline* kline = feed_.front(); kline != nullptr; kline = feed_.front()) {
    lone(*kline);
    feed_.pop();
  }
  flush();
  flush_lacking();
}

void KlineCheck::own(const Bar& bar) {
  const Kline* kline = feed_.front();
  for (; kline != nullptr && kline->begin < bar.begin; kline = feed_.front()) {
    lone(*kline);
    feed_.pop();
  }
  const bool has_kline = kline != nullptr && kline->begin == bar.begin;
  const TimeRange range{.begin = bar.begin, .end = bar.end};
  if (counts(range)) {
    const BarCut cut = cut_of(range);
    if (has_kline) {
      flush_lacking();
      compare(bar, *kline, cut);
    } else if (!cut.any && expects_kline(bar.begin)) {
      lack(bar.begin);
    }
  }
  while (kline != nullptr && kline->begin == bar.begin) {
    feed_.pop();
    kline = feed_.front();
  }
}

// A kline where we have no trade.
void KlineCheck::lone(const Kline& kline) {
  const TimeRange range{.begin = kline.begin, .end = series_.interval.next(kline.begin)};
  if (!counts(range) || !completeness_.of(range)) return;
  ++compared_;
  if (kline.volume.units == 0) return;
  flush();
  flush_lacking();
  Finding finding = finding_at(kline.begin);
  finding.what = "volume";
  finding.expected = std::string{"0"};  // a plain "0": g++ 12 -O3 warns without reason
  finding.found = to_text(kline.volume);
  finding.cause = "coverage says that no trade of it is missing";
  use_(finding);
}

void KlineCheck::compare(const Bar& bar, const Kline& kline, const BarCut& cut) {
  ++compared_;
  const Scale scale = tape_.instrument.scale;
  const TimeRange range{.begin = bar.begin, .end = bar.end};
  if (cut.any) {
    flush();
    const Differences wrong = impossible(bar, kline, scale, cut);
    if (wrong.empty()) return;
    Finding finding = finding_at(bar.begin);
    finding.what = wrong.what;
    finding.expected = wrong.expected;
    finding.found = wrong.found;
    finding.cause = "not all of its trades are stored, and those that are do not fit";
    return use_(finding);
  }
  const Differences all = differences(bar, kline, scale, tape_.grain);
  if (all.empty()) return flush();
  const Decimal volume = difference(Decimal{bar.volume, scale.qty_exp}, kline.volume);
  Finding finding = finding_at(bar.begin);
  finding.what = all.what;
  finding.expected = all.expected;
  finding.found = all.found;
  finding.cause = cause_of(range, volume);
  const bool explains = pending_ && pending_->range.end == range.begin && volume.units != 0 &&
                        sum(pending_->volume, volume).units == 0;
  if (explains && finding.cause.empty() && pending_->finding.cause.empty()) {
    const Decimal moved{volume.units < 0 ? -volume.units : volume.units, volume.exponent};
    // Whose trades the venue counted one bar later, or earlier.
    const bool later = volume.units < 0;
    pending_->finding.cause =
        fmt::format("late row: {} of {} of the venue", to_text(moved),
                    later ? "it are in the next bar" : "the next bar are in this bar");
    finding.cause =
        fmt::format("late row: {} of {} of the venue", to_text(moved),
                    later ? "the bar before are in this bar" : "it are in the earlier bar");
  }
  flush();
  pending_ = Pending{.finding = std::move(finding), .range = range, .volume = volume};
}

std::string KlineCheck::cause_of(TimeRange range, const Decimal& volume_difference) const {
  if (!completeness_.of(range)) {
    const Coverage coverage = coverage_within(tape_.covered, range);
    const std::string why = coverage.gaps.empty() || coverage.gaps.front().cause == "not stored"
                                ? ""
                                : ": " + coverage.gaps.front().cause;
    return "gap: not all of its trades are stored" + why;
  }
  if (tape_.grain == Grain::aggregate && volume_difference.units < 0) {
    return "aggregates leave out some trades";
  }
  return {};
}

bool KlineCheck::counts(TimeRange range) const {
  if (range.begin < tape_.range.begin || range.end > tape_.range.end) return false;
  return std::ranges::none_of(
      tape_.set_aside, [&](const TimeRange& aside) { return !intersect(aside, range).empty(); });
}

// What was not recorded is no fault of what is stored; a loss that coverage knows is told.
BarCut KlineCheck::cut_of(TimeRange range) const {
  BarCut cut;
  if (tape_.covered.empty()) return cut;
  const Coverage coverage = coverage_within(tape_.covered, range);
  for (const CoverageRow& gap : coverage.gaps) {
    if (gap.cause != "not stored") return {};
    cut.any = true;
    cut.front = cut.front || gap.range.begin == range.begin;
    cut.back = cut.back || gap.range.end == range.end;
  }
  return cut;
}

// On a day of which some klines are stored, all are: venues publish days.
bool KlineCheck::expects_kline(Timestamp begin) const {
  return days_.contains(day_of(begin));
}

void KlineCheck::lack(Timestamp begin) {
  flush();
  if (lacking_ && lacking_->next == begin) {
    ++lacking_->bars;
  } else {
    flush_lacking();
    lacking_ = Lacking{.first = begin, .next = begin, .bars = 1};
  }
  lacking_->next = series_.interval.next(begin);
}

void KlineCheck::flush_lacking() {
  const std::optional<Lacking> lacking = std::exchange(lacking_, std::nullopt);
  if (!lacking) return;
  Finding finding = finding_at(lacking->first);
  finding.what = "kline";
  finding.expected =
      lacking->bars == 1 ? "1 kline" : fmt::format("{} klines in a row", lacking->bars);
  finding.found = "none";
  finding.cause = "trades are stored, the venue's kline is not; others of the day are";
  use_(finding);
}

void KlineCheck::flush() {
  if (pending_) use_(std::move(pending_->finding));
  pending_.reset();
}

Finding KlineCheck::finding_at(Timestamp begin) const {
  return finding_of(tape_.instrument, dataset_of_klines(series_.interval), begin);
}

}  // namespace tapedeck
