// Transaction: all of a batch, in every table, or nothing.
#pragma once

#include "duck/database.hpp"

namespace tapedeck::duck {

// `connection` must outlive the transaction and runs nothing else meanwhile. Only commit() stores;
// the destructor rolls back.
class Transaction {
 public:
  explicit Transaction(Connection& connection);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit();
  Connection& connection() { return connection_; }

 private:
  Connection& connection_;
  bool open_ = true;
};

// A transaction that only reads: what is read until its end was true when it was made. `connection`
// must outlive it.
class Snapshot {
 public:
  explicit Snapshot(Connection& connection);
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Connection& connection_;
};

}  // namespace tapedeck::duck
