#include "query/verify_bars.hpp"

#include "query/verify_text.hpp"
#include "store/minute_bars.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace tapedeck {
namespace {

// So many kept minutes are in memory at once.
constexpr std::chrono::days kWindow{64};

std::string id_text(const std::optional<int64_t>& id) {
  return id ? std::to_string(*id) : "none";
}

Differences differences(const MinuteBar& computed, const MinuteBar& kept, Scale scale) {
  Differences result;
  const auto add = [&](std::string_view name, auto member, auto text) {
    if (computed.bar.*member == kept.bar.*member) return;
    result.add(name, text(computed.bar.*member), text(kept.bar.*member));
  };
  const auto price = [&](Price p) { return to_text(Decimal{p.raw(), scale.price_exp}); };
  const auto volume = [&](Volume v) { return to_text(Decimal{v, scale.qty_exp}); };
  const auto money = [&](Money m) { return to_text(Decimal{m, scale.price_exp + scale.qty_exp}); };
  add("open", &Bar::open, price);
  add("high", &Bar::high, price);
  add("low", &Bar::low, price);
  add("close", &Bar::close, price);
  add("volume", &Bar::volume, volume);
  add("buy_volume", &Bar::buy_volume, volume);
  add("sell_volume", &Bar::sell_volume, volume);
  add("notional", &Bar::notional, money);
  add("trades", &Bar::trades, [](int64_t n) { return std::to_string(n); });
  if (computed.id_begin != kept.id_begin) {
    result.add("id_begin", id_text(computed.id_begin), id_text(kept.id_begin));
  }
  if (computed.id_end != kept.id_end) {
    result.add("id_end", id_text(computed.id_end), id_text(kept.id_end));
  }
  if (computed.rows_hash != kept.rows_hash) {
    result.add("rows_hash", fmt::format("{:016x}", computed.rows_hash),
               fmt::format("{:016x}", kept.rows_hash));
  }
  return result;
}

}  // namespace

BarsCheck::BarsCheck(Reader& reader, const Instrument& instrument, Grain grain, TimeRange range,
                     const std::function<void(Finding)>& use)
    : reader_{reader}, instrument_{instrument}, grain_{grain}, end_{range.end}, use_{use} {
  const std::optional<TimeRange> kept = minutes_range(reader, instrument.id, grain);
  unread_ = kept ? intersect(*kept, range) : TimeRange{.begin = {}, .end = {}};
}

const MinuteBar* BarsCheck::front() {
  while (kept_.empty() && !unread_.empty()) {
    TimeRange window = unread_;
    if (window.end - window.begin > kWindow) window.end = window.begin + kWindow;
    for (const MinuteBar& minute : read_minutes(reader_, instrument_, grain_, window))
      kept_.push_back(minute);
    unread_.begin = window.end;
  }
  return kept_.empty() ? nullptr : &kept_.front();
}

void BarsCheck::add(const MinuteBar& computed) {
  const Timestamp begin = computed.bar.begin;
  if (begin >= end_) return;
  for (const MinuteBar* kept = front(); kept != nullptr && kept->bar.begin < begin;
       kept = front()) {
    report(kept->bar.begin, "bar", "none", fmt::format("{} trades", kept->bar.trades),
           "no trade of this minute is stored");
    pop();
  }
  ++compared_;
  const MinuteBar* kept = front();
  if (kept == nullptr || kept->bar.begin != begin) {
    report(begin, "bar", fmt::format("{} trades", computed.bar.trades), "none",
           "the trades are stored, their bar is not, or has exponents that cannot be");
    return;
  }
  compare(computed, *kept);
  pop();
  for (kept = front(); kept != nullptr && kept->bar.begin == begin; kept = front()) {
    report(begin, "bar", "once", "twice", "");
    pop();
  }
}

void BarsCheck::finish() {
  for (const MinuteBar* kept = front(); kept != nullptr; kept = front()) {
    report(kept->bar.begin, "bar", "none", fmt::format("{} trades", kept->bar.trades),
           "no trade of this minute is stored");
    pop();
  }
}

void BarsCheck::compare(const MinuteBar& computed, const MinuteBar& kept) {
  if (computed == kept) return;
  const Differences all = differences(computed, kept, instrument_.scale);
  report(computed.bar.begin, all.what, all.expected, all.found,
         computed.rows_hash == kept.rows_hash
             ? "the bar was changed, its trades were not"
             : "the stored trades are not those that the bar was computed from");
}

void BarsCheck::report(Timestamp begin, std::string what, std::string expected, std::string found,
                       std::string cause) {
  wrong_.push_back(begin);
  use_({.instrument = to_text(instrument_.name),
        .dataset = "bars_1m",
        .time = begin,
        .what = std::move(what),
        .expected = std::move(expected),
        .found = std::move(found),
        .cause = std::move(cause)});
}

}  // namespace tapedeck
