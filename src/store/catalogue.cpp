#include "store/catalogue.hpp"

#include "base/clock.hpp"
#include "base/suggest.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tapedeck {
namespace {

constexpr const char* kSelect = R"sql(
SELECT i.instrument_id, v.venue, i.symbol, i.kind, i.inverse,
       CAST(i.contract_size AS VARCHAR), i.price_exp, i.qty_exp, i.mixed_scale
FROM tape.instruments i JOIN tape.venues v USING (venue_id))sql";

InstrumentKind parse_kind(const std::string& word) {
  for (const InstrumentKind kind : {InstrumentKind::perpetual, InstrumentKind::future,
                                    InstrumentKind::option, InstrumentKind::equity}) {
    if (word == to_text(kind)) return kind;
  }
  return InstrumentKind::spot;
}

// Delivery futures carry their date: BTCUSDT_240927, BTCUSD_240927; the rest of a futures market
// are perpetuals.
InstrumentKind kind_of(const InstrumentName& name) {
  if (!name.venue.starts_with("binance-")) return InstrumentKind::spot;
  const size_t underscore = name.symbol.rfind('_');
  const bool dated = underscore != std::string::npos && underscore + 7 == name.symbol.size() &&
                     std::all_of(name.symbol.begin() + static_cast<long>(underscore) + 1,
                                 name.symbol.end(), [](char c) { return c >= '0' && c <= '9'; });
  return dated ? InstrumentKind::future : InstrumentKind::perpetual;
}

bool is_inverse(const InstrumentName& name) {
  return name.venue == "binance-cm";
}

}  // namespace

void Catalogue::load(duck::Connection& connection) {
  duck::Result rows = connection.run(kSelect);
  const MutexLock lock{mutex_};
  by_id_.clear();
  by_name_.clear();
  while (rows.next_row()) {
    Instrument instrument{.id = InstrumentId{static_cast<uint32_t>(rows.int64(0))},
                          .name = {.venue = rows.text(1), .symbol = rows.text(2)},
                          .kind = parse_kind(rows.text(3)),
                          .inverse = rows.boolean(4),
                          .contract_size = std::nullopt,
                          .scale = {.price_exp = static_cast<int8_t>(rows.int64(6)),
                                    .qty_exp = static_cast<int8_t>(rows.int64(7))},
                          .mixed_scale = rows.boolean(8)};
    if (const auto text = rows.find_text(5)) instrument.contract_size = *parse_decimal(*text);
    put(instrument);
  }
}

std::optional<Instrument> Catalogue::find(const InstrumentName& name) const {
  const MutexLock lock{mutex_};
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? std::nullopt : std::optional{found->second};
}

std::optional<Instrument> Catalogue::find(InstrumentId id) const {
  const MutexLock lock{mutex_};
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? std::nullopt : std::optional{*found->second};
}

Instrument Catalogue::at(InstrumentId id) const {
  const std::optional<Instrument> found = find(id);
  if (found) return *found;
  throw Error{ErrorCode::not_found,
              fmt::format("the store has no instrument with id {}", static_cast<uint32_t>(id))};
}

std::vector<Instrument> Catalogue::all() const {
  const MutexLock lock{mutex_};
  std::vector<Instrument> result;
  for (const auto& entry : by_name_)
    result.push_back(entry.second);
  return result;
}

Instrument Catalogue::find_or_insert(duck::Transaction& transaction, const InstrumentName& name) {
  if (const std::optional<Instrument> known = find(name)) return *known;
  duck::Result next = transaction.connection().run(
      "SELECT coalesce(max(instrument_id), 0) + 1 FROM tape.instruments");
  next.next_row();
  const InstrumentId id{static_cast<uint32_t>(next.int64(0))};
  return insert_as(transaction, id, name);
}

Instrument Catalogue::insert_as(duck::Transaction& transaction, InstrumentId id,
                                const InstrumentName& name) {
  duck::Connection& connection = transaction.connection();
  const int venue_id = venue_id_of(connection, name.venue);
  connection
      .prepare(
          "INSERT INTO tape.instruments VALUES (?, ?, ?, ?, ?, NULL, ?, 0, 0, false, "
          "CAST(? AS TIMESTAMP), NULL, NULL)")
      .bind(1, static_cast<int64_t>(id))
      .bind(2, venue_id)
      .bind(3, std::string_view{name.symbol})
      .bind(4, to_text(kind_of(name)))
      .bind(5, is_inverse(name))
      .bind(6, is_inverse(name) ? "contracts" : "base")
      .bind(7, from_epoch_ns(now_epoch_ns()))
      .run();
  return {.id = id,
          .name = name,
          .kind = kind_of(name),
          .inverse = is_inverse(name),
          .contract_size = std::nullopt,
          .scale = {},
          .mixed_scale = false};
}

void Catalogue::find_or_insert_venue(duck::Transaction& transaction, const std::string& venue) {
  constexpr int kMostVenues = 127;  // TINYINT
  duck::Connection& connection = transaction.connection();
  const int64_t inserted =
      connection
          .prepare(
              "INSERT INTO tape.venues SELECT max(venue_id) + 1, ?, ?, 'Spot' FROM tape.venues "
              "HAVING count(*) FILTER (WHERE venue = ?) = 0 AND max(venue_id) < ?")
          .bind(1, std::string_view{venue})
          .bind(2, std::string_view{venue})
          .bind(3, std::string_view{venue})
          .bind(4, kMostVenues)
          .run()
          .rows_changed();
  if (inserted > 0) return;
  duck::Result known = connection.prepare("SELECT count(*) FROM tape.venues WHERE venue = ?")
                           .bind(1, std::string_view{venue})
                           .run();
  known.next_row();
  if (known.int64(0) > 0) return;
  throw Error{
      ErrorCode::out_of_range,
      fmt::format("there is no room for venue '{}': a store has {} at most", venue, kMostVenues)};
}

Instrument Catalogue::refine(duck::Transaction& transaction, Instrument instrument, Scale scale,
                             bool has_rows) {
  const Scale refined = has_rows ? finest(instrument.scale, scale) : scale;
  const bool mixed =
      instrument.mixed_scale || (has_rows && (scale != instrument.scale || refined != scale));
  if (refined == instrument.scale && mixed == instrument.mixed_scale) return instrument;
  instrument.scale = refined;
  instrument.mixed_scale = mixed;
  transaction.connection()
      .prepare(
          "UPDATE tape.instruments SET price_exp = ?, qty_exp = ?, mixed_scale = ? WHERE "
          "instrument_id = ?")
      .bind(1, int{refined.price_exp})
      .bind(2, int{refined.qty_exp})
      .bind(3, mixed)
      .bind(4, static_cast<int64_t>(instrument.id))
      .run();
  return instrument;
}

Instrument Catalogue::describe(duck::Transaction& transaction, Instrument instrument,
                               const InstrumentFacts& facts) {
  const auto text = [](const std::optional<Decimal>& value) {
    return value ? std::optional{to_text(*value)} : std::nullopt;
  };
  const auto contract_size = text(facts.contract_size);
  const auto tick_size = text(facts.tick_size);
  const auto lot_size = text(facts.lot_size);
  duck::Statement& update = transaction.connection().prepare(
      "UPDATE tape.instruments SET kind = ?, inverse = ?, contract_size = coalesce(CAST(? AS "
      "DECIMAL(38,12)), contract_size), tick_size = coalesce(CAST(? AS DECIMAL(38,12)), "
      "tick_size), "
      "lot_size = coalesce(CAST(? AS DECIMAL(38,12)), lot_size) WHERE instrument_id = ?");
  update.bind(1, to_text(facts.kind)).bind(2, facts.inverse);
  int index = 3;
  for (const auto& value : {contract_size, tick_size, lot_size}) {
    if (value) update.bind(index, std::string_view{*value});
    if (!value) update.bind_null(index);
    ++index;
  }
  update.bind(index, static_cast<int64_t>(instrument.id)).run();
  instrument.kind = facts.kind;
  instrument.inverse = facts.inverse;
  if (facts.contract_size) instrument.contract_size = facts.contract_size;
  return instrument;
}

Instrument Catalogue::mark_mixed(duck::Transaction& transaction, Instrument instrument) {
  instrument.mixed_scale = true;
  transaction.connection()
      .prepare("UPDATE tape.instruments SET mixed_scale = true WHERE instrument_id = ?")
      .bind(1, static_cast<int64_t>(instrument.id))
      .run();
  return instrument;
}

void Catalogue::put(const Instrument& instrument) {
  const auto place = by_name_.insert_or_assign(instrument.name, instrument).first;
  by_id_[instrument.id] = &place->second;
}

void Catalogue::remember(const Instrument& instrument) {
  const MutexLock lock{mutex_};
  put(instrument);
}

int venue_id_of(duck::Connection& connection, const std::string& venue) {
  duck::Result rows = connection.run("SELECT venue_id, venue FROM tape.venues ORDER BY venue_id");
  std::vector<std::string> known;
  while (rows.next_row()) {
    if (rows.text(1) == venue) return static_cast<int>(rows.int64(0));
    known.push_back(rows.text(1));
  }
  const std::optional<std::string> meant = nearest(venue, known);
  throw Error{ErrorCode::invalid_argument,
              fmt::format("unknown venue '{}'{}; known are {}", venue,
                          meant ? fmt::format(", did you mean '{}'?", *meant) : std::string{},
                          fmt::join(known, ", "))};
}

}  // namespace tapedeck
