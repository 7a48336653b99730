#include "tapedeck/store/store.hpp"

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/suggest.hpp"
#include "store/core.hpp"
#include "store/coverage_rows.hpp"
#include "store/live_tape.hpp"
#include "store/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace tapedeck {

Store::Store(const std::filesystem::path& path, const StoreOptions& options) {
  const int64_t began = steady_ns();
  core_ = std::make_unique<StoreCore>(path, options);
  log::info("store '{}': database initialised in {:.1f} ms", path.string(),
            static_cast<double>(steady_ns() - began) / 1e6);
}
Store::~Store() = default;
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;

const std::filesystem::path& Store::path() const {
  return core_->location().folder;
}

std::optional<Instrument> Store::find_instrument(const InstrumentName& name) const {
  return core_->catalogue().find(name);
}

Instrument Store::instrument(std::string_view name) const {
  if (const std::optional<InstrumentName> full = parse_instrument_name(name)) {
    if (const std::optional<Instrument> found = find_instrument(*full)) return *found;
  }
  std::vector<Instrument> same_symbol;
  std::vector<std::string> known;
  for (Instrument& instrument : core_->catalogue().all()) {
    known.push_back(to_text(instrument.name));
    known.push_back(instrument.name.symbol);
    if (instrument.name.symbol == name) same_symbol.push_back(std::move(instrument));
  }
  if (same_symbol.size() == 1) return same_symbol.front();
  if (same_symbol.size() > 1) {
    std::vector<std::string> choices;
    for (const Instrument& one : same_symbol)
      choices.push_back(to_text(one.name));
    throw Error{ErrorCode::invalid_argument, fmt::format("'{}' is traded at several venues: {}",
                                                         name, fmt::join(choices, ", "))};
  }
  const std::optional<std::string> meant = nearest(name, known);
  throw Error{ErrorCode::not_found,
              fmt::format("the store has no instrument '{}'{}", name,
                          meant           ? fmt::format("; did you mean '{}'?", *meant)
                          : known.empty() ? "; it is empty"
                                          : "; list them with: tapedeck instruments")};
}

std::vector<Instrument> Store::instruments() const {
  return core_->catalogue().all();
}

Instrument Store::resolve_instrument(const InstrumentName& name, NewVenue venue) {
  if (const std::optional<Instrument> known = find_instrument(name)) return *known;
  std::optional<Instrument> resolved;
  core_->write(
      [&](duck::Transaction& transaction) {
        if (venue == NewVenue::add) {
          core_->catalogue().find_or_insert_venue(transaction, name.venue);
        }
        resolved = core_->catalogue().find_or_insert(transaction, name);
      },
      [&] { core_->catalogue().remember(*resolved); });
  return *resolved;
}

std::vector<CoverageRow> Store::coverage(InstrumentId instrument, std::string_view dataset) const {
  const auto reader = core_->borrow_reader();
  return folded(coverage_rows(*reader, instrument, dataset));
}

std::vector<CoverageRow> Store::coverage(InstrumentId instrument) const {
  const auto reader = core_->borrow_reader();
  std::vector<CoverageRow> result;
  for (auto& [dataset, rows] : coverage_by_dataset(*reader, instrument)) {
    for (CoverageRow& row : folded(std::move(rows)))
      result.push_back(std::move(row));
  }
  return result;
}

WindowStats Store::window_stats() const {
  return core_->window().stats();
}

PoolStats Store::pool_stats() const {
  return core_->pool_stats();
}

std::optional<std::string> Store::find_setting(const std::string& key) const {
  const auto reader = core_->borrow_reader();
  duck::Result rows = reader->prepare("SELECT value FROM tape.settings WHERE key = ?")
                          .bind(1, std::string_view{key})
                          .run();
  return rows.next_row() ? std::optional{rows.text(0)} : std::nullopt;
}

std::vector<std::pair<std::string, std::string>> Store::settings() const {
  const auto reader = core_->borrow_reader();
  duck::Result rows = reader->run("SELECT key, value FROM tape.settings ORDER BY key");
  std::vector<std::pair<std::string, std::string>> result;
  while (rows.next_row())
    result.emplace_back(rows.text(0), rows.text(1));
  return result;
}

void Store::set_setting(const std::string& key, const std::string& json) {
  if (key.empty()) throw Error{ErrorCode::invalid_argument, "the key of a setting is empty"};
  check_json(*core_->borrow_reader(), key, json);
  core_->live_tape().change({}, SettingChange{.key = key, .json = json});
}

bool Store::delete_setting(const std::string& key) {
  return core_->live_tape().change({}, SettingChange{.key = key}).rows > 0;
}

OptimizeReport Store::optimize() {
  core_->live_tape().flush();
  const StoreSizes before = core_->sizes();
  core_->checkpoint();
  core_->maintain("ANALYZE");
  core_->checkpoint();
  const StoreSizes after = core_->sizes();
  return {.database_bytes_before = before.database_bytes,
          .database_bytes = after.database_bytes,
          .wal_bytes_before = before.wal_bytes,
          .wal_bytes = after.wal_bytes};
}

}  // namespace tapedeck
