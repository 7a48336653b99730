// Archive names: any path is read, what it tells does not contradict itself, and a name made of it
// tells the same.
#include "base/check.hpp"
#include "feed/archive_name.hpp"
#include "input.hpp"

#include <string>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapedeck;
  const FuzzInput input{data, size};
  const ArchiveName name = parse_archive_path(input.text());
  TAPEDECK_CHECK(!name.kind || name.unsupported_kind.empty(), "two kinds: {}",
                 name.unsupported_kind);
  TAPEDECK_CHECK(!name.interval || name.kind == ArchiveKind::klines, "an interval without klines");
  TAPEDECK_CHECK(!name.daily || name.period, "daily without a day");
  if (name.period) {
    const Date begin = day_of(name.period->begin);
    TAPEDECK_CHECK(!name.period->empty() && Timestamp{begin} == name.period->begin, "period");
    const auto days = (name.period->end - name.period->begin) / std::chrono::days{1};
    TAPEDECK_CHECK(name.daily ? days == 1 : days >= 28 && days <= 31, "{} days", days);
  }
  if (name.kind && !name.symbol.empty() && name.period &&
      (name.kind != ArchiveKind::klines || name.interval)) {
    const std::string date = to_iso_date(day_of(name.period->begin));
    const std::string word{name.interval ? name.interval->text() : to_text(*name.kind)};
    const ArchiveName again = parse_archive_path(name.symbol + "-" + word + "-" +
                                                 date.substr(0, name.daily ? 10 : 7) + ".zip");
    TAPEDECK_CHECK(again.kind == name.kind && again.symbol == name.symbol &&
                       again.period == name.period && again.interval == name.interval,
                   "{} {}", name.symbol, word);
  }
  return 0;
}
