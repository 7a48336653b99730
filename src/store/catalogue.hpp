// Catalogue: the instruments of a store, in memory. Safe for use from any thread.
#pragma once

#include "base/mutex.hpp"
#include "duck/transaction.hpp"
#include "tapedeck/market/instrument.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tapedeck {

// What venues publish of their instruments; absent values change nothing.
struct InstrumentFacts {
  InstrumentKind kind = InstrumentKind::spot;
  bool inverse = false;
  std::optional<Decimal> contract_size = {};
  std::optional<Decimal> tick_size = {};
  std::optional<Decimal> lot_size = {};
};

class Catalogue {
 public:
  // Reads tape.instruments; what was known before is forgotten.
  void load(duck::Connection& connection);

  std::optional<Instrument> find(const InstrumentName& name) const;
  std::optional<Instrument> find(InstrumentId id) const;
  Instrument at(InstrumentId id) const;  // Error{not_found}
  std::vector<Instrument> all() const;   // by name

  // Inside the writer's transaction: the instrument of that name, stored now if it is new. Call
  // remember() with it after the commit.
  Instrument find_or_insert(duck::Transaction& transaction, const InstrumentName& name);
  // Inside the writer's transaction: under a number that is not taken, into a store that is built
  // again. Call load() after the commit.
  static Instrument insert_as(duck::Transaction& transaction, InstrumentId id,
                              const InstrumentName& name);
  // Inside the writer's transaction: the venue of that name, stored now if it is new, as a spot
  // market.
  static void find_or_insert_venue(duck::Transaction& transaction, const std::string& venue);
  // Inside the writer's transaction: rows at `scale` are stored from now on.
  Instrument refine(duck::Transaction& transaction, Instrument instrument, Scale scale,
                    bool has_rows);
  // Inside the writer's transaction: what the venue says of it.
  static Instrument describe(duck::Transaction& transaction, Instrument instrument,
                             const InstrumentFacts& facts);
  // Inside the writer's transaction: rows of several scales are stored.
  Instrument mark_mixed(duck::Transaction& transaction, Instrument instrument);
  void remember(const Instrument& instrument);

 private:
  void put(const Instrument& instrument) REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::map<InstrumentName, Instrument> by_name_ GUARDED_BY(mutex_);
  std::map<InstrumentId, const Instrument*> by_id_ GUARDED_BY(mutex_);  // into by_name_
};

// Of tape.venues; Error{invalid_argument} for one that is not there.
int venue_id_of(duck::Connection& connection, const std::string& venue);

}  // namespace tapedeck
