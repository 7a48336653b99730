#include "duck/transaction.hpp"

namespace tapedeck::duck {
namespace {

void end_quietly(Connection& connection) noexcept {
  // A ROLLBACK fails only when DuckDB has ended the transaction by itself, which is what we want.
  duckdb_result result{};
  duckdb_query(connection.raw(), "ROLLBACK", &result);
  duckdb_destroy_result(&result);
}

}  // namespace

Transaction::Transaction(Connection& connection) : connection_{connection} {
  connection_.run("BEGIN TRANSACTION");
}

Transaction::~Transaction() {
  if (open_) end_quietly(connection_);
}

void Transaction::commit() {
  open_ = false;
  connection_.run("COMMIT");
}

Snapshot::Snapshot(Connection& connection) : connection_{connection} {
  connection_.run("BEGIN TRANSACTION READ ONLY");
}

Snapshot::~Snapshot() {
  end_quietly(connection_);
}

}  // namespace tapedeck::duck
