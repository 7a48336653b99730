// Repository: entities of one kind, behind an interface that shows no SQL. Each comes twice: over a
// store, and in memory for tests of the code that uses it.
#pragma once

#include "tapedeck/store/query_condition.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace tapedeck {

// Which rows, in which order: conditions are joined by AND, and each names a column of the entity's
// view. Without an order the newest come first.
struct QueryFilter {
  std::vector<QueryCondition> conditions = {};
  std::vector<Sorting> order = {};  // the first counts most; NULL comes last
  int64_t limit = 1'000;
  int64_t offset = 0;
};

// May be called from several threads. Errors, of both implementations: not_found for a column that
// the view has not, with the one that was probably meant, and for what is updated or removed and is
// not there; invalid_argument for values that do not fit their column and for negative numbers of
// rows; unsupported for what this kind of entity never allows, with what to do instead.
template <typename Entity, typename Id>
class Repository {
 public:
  virtual ~Repository() = default;

  // Gives it back as it is stored.
  virtual Entity create(const Entity& entity) = 0;
  virtual std::optional<Entity> find_by_id(const Id& id) const = 0;
  virtual Entity update(const Entity& entity) = 0;
  virtual void remove(const Id& id) = 0;
  virtual std::vector<Entity> find_all(const QueryFilter& filter) const = 0;
  std::vector<Entity> find_all() const { return find_all(QueryFilter{}); }
};

}  // namespace tapedeck
