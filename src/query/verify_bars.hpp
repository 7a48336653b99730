// Kept minutes against those computed again from the trades.
#pragma once

#include "store/core.hpp"
#include "tapedeck/market/minute_bar.hpp"
#include "tapedeck/query/verify.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace tapedeck {

// Of one instrument and grain.
class BarsCheck {
 public:
  // `reader` is used while computed minutes are added. Minutes behind `range` are passed over.
  BarsCheck(Reader& reader, const Instrument& instrument, Grain grain, TimeRange range,
            const std::function<void(Finding)>& use);

  // Rising, each once.
  void add(const MinuteBar& computed);
  void finish();

  int64_t compared() const { return compared_; }
  // Begins of the minutes that are not as they should be.
  const std::vector<Timestamp>& wrong() const { return wrong_; }

 private:
  const MinuteBar* front();
  void pop() { kept_.pop_front(); }
  void compare(const MinuteBar& computed, const MinuteBar& kept);
  void report(Timestamp begin, std::string what, std::string expected, std::string found,
              std::string cause);

  // Constant after construction
  Reader& reader_;
  const Instrument& instrument_;
  Grain grain_;
  Timestamp end_;
  const std::function<void(Finding)>& use_;

  TimeRange unread_;  // of the kept minutes
  std::deque<MinuteBar> kept_;
  std::vector<Timestamp> wrong_;
  int64_t compared_ = 0;
};

}  // namespace tapedeck
