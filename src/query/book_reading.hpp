// BookReading: one question to the books of an instrument, which sees the store as it was at one
// moment; and which of its streams such a question is answered from.
#pragma once

#include "store/core.hpp"
#include "tapedeck/query/book.hpp"

#include <memory>
#include <string>
#include <vector>

namespace tapedeck {

class BookReading {
 public:
  // Of all streams of the instrument; with a channel of that one.
  BookReading(StoreCore& core, const Instrument& instrument, const std::string& channel = {});

  Reader& reader() const { return *reader_; }
  KeptKeyframes kept_keyframes() const { return {&core_.keyframes(), reader_.moment()}; }
  // Best first: checksum before sequence before none, then the deeper one.
  const std::vector<const BookIndex*>& streams() const { return streams_; }
  // The same; Error{not_found} when there is none, which says what there is.
  const std::vector<const BookIndex*>& known_streams() const;

 private:
  StoreCore& core_;
  Instrument instrument_;
  std::string channel_;
  SnapshotReader reader_;
  std::shared_ptr<const std::vector<BookIndex>> all_;
  std::vector<const BookIndex*> streams_;
};

BookStreamInfo info_of(const BookIndex& index);

}  // namespace tapedeck
