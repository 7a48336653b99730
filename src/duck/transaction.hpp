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

// What is read between its begin and its end was true at one moment. `connection` must outlive it.
class Snapshot {
 public:
  explicit Snapshot(Connection& connection);
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Connection& connection_;
};

// Ends whatever transaction is open, without a word when there is none.
void end_quietly(Connection& connection) noexcept;

}  // namespace tapedeck::duck
