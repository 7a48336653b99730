#include "duck/transaction.hpp"

namespace tapedeck::duck {

Transaction::Transaction(Connection& connection) : connection_{connection} {
  connection_.run("BEGIN TRANSACTION");
}

Transaction::~Transaction() {
  if (!open_) return;
  // A ROLLBACK fails only when DuckDB has ended the transaction by itself, which is what we want.
  duckdb_result result{};
  duckdb_query(connection_.raw(), "ROLLBACK", &result);
  duckdb_destroy_result(&result);
}

void Transaction::commit() {
  open_ = false;
  connection_.run("COMMIT");
}

}  // namespace tapedeck::duck
