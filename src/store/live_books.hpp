// LiveBooks: the book streams that are being recorded. Their builders live over many transactions;
// tape.live_books and tape.book_waiting keep what another process needs to go on with them.
#pragma once

#include "store/open_book.hpp"
#include "tapedeck/tape/payload.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tapedeck {

class LiveBooks {
 public:
  // What is in memory may differ from what is stored: a transaction failed, or others wrote.
  void forget() { open_.clear(); }

 private:
  friend class LiveBookBatch;
  struct Open {
    std::unique_ptr<OpenBook> book;
    std::string source;
    int64_t known_book = 0;           // as tape.live_books has it
    std::vector<uint64_t> kept = {};  // numbers of what tape.book_waiting has
  };
  std::map<std::pair<InstrumentId, std::string>, Open> open_;
};

// What one transaction stores of them. When it is not committed, they are to be forgotten.
class LiveBookBatch {
 public:
  // Both must outlive it.
  LiveBookBatch(LiveBooks& books, duck::Transaction& transaction)
      : books_{books}, transaction_{transaction} {}

  void add(const Instrument& instrument, const BookRows& rows);
  // Something may be missing in all that are being recorded.
  void interrupt(const std::vector<Instrument>& instruments, std::string_view cause);
  void store();
  // No recording goes on: what waits becomes rows. Stores.
  void end(const std::vector<Instrument>& instruments);

 private:
  using Open = LiveBooks::Open;

  Open* find(const Instrument& instrument, const std::string& channel);
  Open restored(const Instrument& instrument, const BookStream& stream);
  Open* begin(const Instrument& instrument, const BookRows& rows);
  std::vector<Open*> all(const std::vector<Instrument>& instruments);
  BookTables& tables();
  void touch(Open& open);
  void store(Open& open, Recording recording);
  void store_load(const Open& open);
  void keep_state(Open& open);
  void keep_waiting(Open& open);

  LiveBooks& books_;
  duck::Transaction& transaction_;
  std::optional<BookTables> tables_;
  std::set<Open*> touched_;
};

}  // namespace tapedeck
