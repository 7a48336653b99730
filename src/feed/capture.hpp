// Captures: files of raw messages with the time when each came, as recorders write them.
//   <ns, µs or ms> <message>                      hftbacktest's collector; REST answers in between
//   <seconds>: <message>                          cryptofeed v2 (`.ws`)
//   <url> <-> <seconds>                           a connection begins
//   <url> <- <seconds>: <text sent>               passed over
//   <url> -> <seconds>: <answer>                  REST (`.http`)
//   configuration: …                              passed over
//   {"t":"recv","conn":…,"ts":…,"data":"…"}       cryptofeed v3; t also connect, send, header, http
//   <message>                                     a JSON object or array alone: no time is known
#pragma once

#include "feed/decode_error.hpp"
#include "feed/message_decoder.hpp"
#include "tapedeck/market/time.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

// A frame that is longer is refused, whatever it holds. Snapshots of whole books have some MB.
inline constexpr size_t kMaxFrameBytes = size_t{32} << 20;
// Refused lines and messages that are kept; all are counted.
inline constexpr size_t kKeptErrors = 1'000;
inline constexpr size_t kKeptErrorText = 512;

enum class CaptureLineKind : uint8_t {
  message,
  answer,
  connect,
  passed_over,
  refused,  // nobody knows what was in it; only its number is told
};

struct CaptureLine {
  CaptureLineKind kind = CaptureLineKind::passed_over;
  int64_t number = 0;                // in its file, from 1
  std::string_view connection = {};  // tells connections of one file apart
  std::string_view url = {};         // of answer and connect
  std::optional<Timestamp> ts_recv = {};
  PaddedText text = {};  // of message and answer
};

// Cuts the bytes of a capture into lines and reads what stands around the messages.
class CaptureReader {
 public:
  // A line and what it borrows live until `use` returns.
  using Use = std::function<void(const CaptureLine&)>;
  explicit CaptureReader(Use use);
  ~CaptureReader();
  CaptureReader(const CaptureReader&) = delete;
  CaptureReader& operator=(const CaptureReader&) = delete;

  void decode(std::span<const char> bytes);
  void finish();
  // Lines that are refused; the first thousand.
  std::vector<DecodeError> take_errors();
  int64_t lines() const { return number_; }
  int64_t refused() const { return refused_; }

 private:
  struct Json;

  void take_lines(bool all);
  void take_line(PaddedText line);
  void refuse(std::string_view line, std::string reason);
  void refuse_long(std::string_view line);
  Field<CaptureLine> read(PaddedText line);
  Field<CaptureLine> read_stamped(PaddedText line);
  Field<CaptureLine> read_url(PaddedText line);
  Field<CaptureLine> read_object(PaddedText line);

  Use use_;
  std::unique_ptr<Json> json_;
  std::string buffer_;     // lines that were not taken yet, with room behind
  bool skipping_ = false;  // the rest of a line that is too long
  int64_t number_ = 0;
  int64_t refused_ = 0;
  std::vector<DecodeError> errors_;
};

// True when the front of a file looks like a capture.
bool looks_like_capture(std::string_view front);

}  // namespace tapedeck
