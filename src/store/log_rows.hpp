// telemetry.logs and telemetry.events as rows.
#pragma once

#include "duck/transaction.hpp"
#include "tapedeck/market/log_record.hpp"
#include "tapedeck/tape/payload.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace tapedeck {

using BindLogs = std::function<void(duck::Statement&)>;
// `condition` is SQL with placeholders for `bind`; with its ORDER BY and LIMIT.
std::vector<LogRecord> read_logs(duck::Connection& connection, std::string_view condition,
                                 const BindLogs& bind);
std::vector<SystemEvent> read_events(duck::Connection& connection, std::string_view condition,
                                     const BindLogs& bind);

void insert_logs(duck::Transaction& transaction, const LogRows& rows);
void insert_events(duck::Transaction& transaction, const EventRows& rows);

}  // namespace tapedeck
