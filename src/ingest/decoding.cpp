#include "ingest/decoding.hpp"

#include <utility>

namespace tapedeck {

void ErrorCount::add(std::string_view member, std::vector<DecodeError> errors,
                     std::string_view unit) {
  for (DecodeError& error : errors) {
    if (first_.empty()) {
      const std::string where =
          member == path_.filename().string() ? "" : fmt::format(" of {}", member);
      first_ =
          fmt::format("'{}', {} {}{}: {}", path_.string(), unit, error.line, where, error.reason);
    }
    kept_.push_back(std::move(error));
  }
  if (static_cast<int64_t>(kept_.size()) <= most_) return;
  const std::string more =
      kept_.size() == 1 ? "" : fmt::format(" (the first of {} refused {}s)", kept_.size(), unit);
  throw Error{ErrorCode::bad_input,
              fmt::format("{}{}; nothing of the file was loaded, --max-errors N loads the rest of "
                          "a file with up to N refused {}s",
                          first_, more, unit)};
}

void throw_stopped() {
  throw Error{ErrorCode::cancelled, "the import was stopped"};
}

}  // namespace tapedeck
