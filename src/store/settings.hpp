// tape.settings: text keys, JSON values.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/tape/payload.hpp"

#include <cstdint>
#include <string>

namespace tapedeck {

// Error{invalid_argument} when `json` is no JSON.
void check_json(duck::Connection& connection, const std::string& key, const std::string& json);

// Returns the settings changed: 0 when one that is not there is deleted.
int64_t change_setting(duck::Transaction& transaction, const SettingChange& change);

}  // namespace tapedeck
