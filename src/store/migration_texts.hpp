// The SQL of the migrations, one text up and one down for each step.
#pragma once

#include <string_view>

namespace tapedeck {

extern const std::string_view kTablesUp;
extern const std::string_view kTablesDown;
extern const std::string_view kPlainNamesUp;
extern const std::string_view kPlainNamesDown;
extern const std::string_view kBarsUp;
extern const std::string_view kBarsDown;
extern const std::string_view kFlowsurfaceUp;
extern const std::string_view kFlowsurfaceDown;
extern const std::string_view kOtherNamesUp;
extern const std::string_view kOtherNamesDown;
extern const std::string_view kLedgerTablesUp;
extern const std::string_view kLedgerTablesDown;
extern const std::string_view kLedgerNamesUp;
extern const std::string_view kLedgerNamesDown;
extern const std::string_view kTelemetryTablesUp;
extern const std::string_view kTelemetryTablesDown;
extern const std::string_view kTelemetryNamesUp;
extern const std::string_view kTelemetryNamesDown;

}  // namespace tapedeck
