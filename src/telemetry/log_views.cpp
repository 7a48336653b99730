#include "telemetry/log_views.hpp"

namespace tapedeck {
namespace {

using enum ColumnKind;

EntityView<LogRow> make_log_view() {
  using Row = const LogRow&;
  return {"main.application_logs",
          {{"log_id", integer, [](Row r) { return cell(r.log_id); }},
           {"timestamp", time, [](Row r) { return cell(r.record.timestamp); }},
           {"level", text, [](Row r) { return cell(to_text(r.record.level)); }},
           {"service", text, [](Row r) { return cell(r.record.service); }},
           {"component", text, [](Row r) { return cell(r.record.component); }},
           {"message", text, [](Row r) { return cell(r.record.message); }},
           {"event", text, [](Row r) { return cell(r.record.event); }},
           {"correlation_id", uuid, [](Row r) { return cell(r.record.correlation_id); }},
           {"order_id", uuid, [](Row r) { return cell(r.record.order_id); }},
           {"symbol", text, [](Row r) { return cell(r.record.symbol); }},
           {"user_id", text, [](Row r) { return cell(r.record.user_id); }},
           {"session_id", text, [](Row r) { return cell(r.record.session_id); }},
           {"fields", text, [](Row r) { return cell(r.record.fields); }},
           {"exception_type", text, [](Row r) { return cell(r.record.exception_type); }},
           {"exception_message", text, [](Row r) { return cell(r.record.exception_message); }},
           {"stack_trace", text, [](Row r) { return cell(r.record.stack_trace); }},
           {"source_file", text, [](Row r) { return cell(r.record.source_file); }},
           {"source_line", integer, [](Row r) { return cell(r.record.source_line); }},
           {"source_function", text, [](Row r) { return cell(r.record.source_function); }}},
          {{"timestamp", SortOrder::descending}, {"log_id", SortOrder::descending}}};
}

EntityView<EventRow> make_event_view() {
  using Row = const EventRow&;
  return {"main.system_events",
          {{"event_id", integer, [](Row r) { return cell(r.event_id); }},
           {"timestamp", time, [](Row r) { return cell(r.event.timestamp); }},
           {"event_type", text, [](Row r) { return cell(r.event.type); }},
           {"severity", text, [](Row r) { return cell(to_text(r.event.severity)); }},
           {"message", text, [](Row r) { return cell(r.event.message); }},
           {"component", text, [](Row r) { return cell(r.event.component); }},
           {"details", text, [](Row r) { return cell(r.event.details); }},
           {"correlation_id", uuid, [](Row r) { return cell(r.event.correlation_id); }}},
          {{"timestamp", SortOrder::descending}, {"event_id", SortOrder::descending}}};
}

}  // namespace

const EntityView<LogRow>& log_view() {
  static const EntityView<LogRow> view = make_log_view();
  return view;
}
const EntityView<EventRow>& event_view() {
  static const EntityView<EventRow> view = make_event_view();
  return view;
}

}  // namespace tapedeck
