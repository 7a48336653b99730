#include "tapedeck/base/counters.hpp"

#include "base/log.hpp"
#include "base/mutex.hpp"
#include "tapedeck/base/error.hpp"
#include "tapedeck/base/prometheus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>
#include <tuple>

namespace tapedeck {
namespace {

// Nodes of a map stay where they are.
template <typename Kind>
using SeriesOf = std::map<Labels, Kind>;

// The alternatives stand in the order of CounterKind and of CounterReading::value.
struct Family {
  std::variant<SeriesOf<Counter>, SeriesOf<Gauge>, SeriesOf<Histogram>> series;
  bool overflowed = false;

  CounterKind kind() const { return static_cast<CounterKind>(series.index()); }
};

[[noreturn]] void refuse(const std::string& message) {
  throw Error{ErrorCode::invalid_argument, message};
}

int64_t reading_of(const Counter& counter) {
  return counter.value();
}
double reading_of(const Gauge& gauge) {
  return gauge.value();
}
HistogramReading reading_of(const Histogram& histogram) {
  return histogram.reading();
}

// Names that a family's lines begin with in Prometheus's text.
std::vector<std::string> line_names(std::string_view name, CounterKind kind) {
  const std::string spelled = prometheus_name(name);
  if (kind != CounterKind::histogram) return {spelled};
  return {spelled, spelled + "_bucket", spelled + "_sum", spelled + "_count"};
}

void check_labels(std::string_view name, const Labels& labels, CounterKind kind) {
  std::set<std::string> taken;
  if (kind == CounterKind::histogram) taken.insert("le");  // the bound of a bucket
  for (const auto& [label, value] : labels) {
    if (taken.insert(prometheus_label(label)).second) continue;
    refuse(fmt::format("cannot count \"{}\" by label \"{}\": another label has that name", name,
                       label));
  }
}

}  // namespace

struct CounterRegistry::Impl {
  explicit Impl(bool counting) : counts{counting} {}

  const bool counts;
  std::tuple<Counter, Gauge, Histogram> ignored;  // of one that does not count

  mutable Mutex mutex;
  std::map<std::string, Family, std::less<>> families GUARDED_BY(mutex);
  // Name of a line in Prometheus's text → the family that it belongs to.
  std::map<std::string, std::string> owners GUARDED_BY(mutex);

  template <typename Kind>
  Family& new_family(std::string_view name) REQUIRES(mutex) {
    Family family{.series = SeriesOf<Kind>{}};
    const std::vector<std::string> lines = line_names(name, family.kind());
    for (const std::string& line : lines) {
      const auto owner = owners.find(line);
      if (owner == owners.end()) continue;
      refuse(fmt::format("cannot count \"{}\" beside \"{}\": both are \"{}\" in Prometheus", name,
                         owner->second, line));
    }
    for (const std::string& line : lines)
      owners.emplace(line, name);
    return families.emplace(name, std::move(family)).first->second;
  }

  template <typename Kind>
  SeriesOf<Kind>& series_of(Family& family, std::string_view name) REQUIRES(mutex) {
    auto* series = std::get_if<SeriesOf<Kind>>(&family.series);
    if (series == nullptr) {
      const Family wanted{.series = SeriesOf<Kind>{}};
      refuse(fmt::format("cannot count \"{}\" as a {}: it is a {}", name, to_text(wanted.kind()),
                         to_text(family.kind())));
    }
    return *series;
  }

  // `labels` are sorted.
  template <typename Kind>
  Kind& find_or_make(std::string_view name, const Labels& labels) {
    const MutexLock lock{mutex};
    const auto known = families.find(name);
    Family& family = known != families.end() ? known->second : new_family<Kind>(name);
    SeriesOf<Kind>& series = series_of<Kind>(family, name);
    const auto found = series.find(labels);
    if (found != series.end()) return found->second;
    check_labels(name, labels, family.kind());
    if (series.size() < kMaxLabelSets) return series[labels];
    if (!std::exchange(family.overflowed, true)) {
      log::warn("\"{}\" has {} sets of labels; further ones are counted as overflow", name,
                kMaxLabelSets);
    }
    return series[{{"overflow", "true"}}];
  }

  template <typename Kind>
  Kind& at(std::string_view name, const Labels& labels) {
    if (!counts) return std::get<Kind>(ignored);
    if (std::ranges::is_sorted(labels)) return find_or_make<Kind>(name, labels);
    Labels sorted = labels;
    std::ranges::sort(sorted);
    return find_or_make<Kind>(name, sorted);
  }
};

std::string_view to_text(CounterKind kind) {
  constexpr std::array<std::string_view, 3> kTexts{"counter", "gauge", "histogram"};
  return kTexts.at(static_cast<size_t>(kind));
}

CounterRegistry::CounterRegistry(bool counts) : impl_{std::make_unique<Impl>(counts)} {}
CounterRegistry::~CounterRegistry() = default;

Counter& CounterRegistry::counter(std::string_view name, const Labels& labels) {
  return impl_->at<Counter>(name, labels);
}

Gauge& CounterRegistry::gauge(std::string_view name, const Labels& labels) {
  return impl_->at<Gauge>(name, labels);
}

Histogram& CounterRegistry::histogram(std::string_view name, const Labels& labels) {
  return impl_->at<Histogram>(name, labels);
}

std::vector<CounterReading> CounterRegistry::readings() const {
  std::vector<CounterReading> readings;
  const MutexLock lock{impl_->mutex};
  for (const auto& family : impl_->families) {
    const std::string& name = family.first;
    std::visit(
        [&](const auto& series) {
          for (const auto& [labels, one] : series) {
            readings.push_back({.name = name, .labels = labels, .value = reading_of(one)});
          }
        },
        family.second.series);
  }
  return readings;
}

}  // namespace tapedeck
