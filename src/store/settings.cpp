#include "store/settings.hpp"

#include "base/clock.hpp"
#include "tapedeck/base/error.hpp"

#include <fmt/format.h>

#include <string_view>

namespace tapedeck {

void check_json(duck::Connection& connection, const std::string& key, const std::string& json) {
  duck::Result valid =
      connection.prepare("SELECT json_valid(?)").bind(1, std::string_view{json}).run();
  valid.next_row();
  if (valid.boolean(0)) return;
  throw Error{ErrorCode::invalid_argument,
              fmt::format("the value of setting '{}' is no JSON: {}; a text needs quotes: '\"{}\"'",
                          key, json, json)};
}

int64_t change_setting(duck::Transaction& transaction, const SettingChange& change) {
  duck::Connection& connection = transaction.connection();
  if (!change.json) {
    return connection.prepare("DELETE FROM tape.settings WHERE key = ?")
        .bind(1, std::string_view{change.key})
        .run()
        .rows_changed();
  }
  connection
      .prepare(
          "INSERT INTO tape.settings VALUES (?, ?, CAST(? AS TIMESTAMP)) ON CONFLICT (key) DO "
          "UPDATE SET value = excluded.value, updated_at = excluded.updated_at")
      .bind(1, std::string_view{change.key})
      .bind(2, std::string_view{*change.json})
      .bind(3, from_epoch_ns(now_epoch_ns()))
      .run();
  return 1;
}

}  // namespace tapedeck
