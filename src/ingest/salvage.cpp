#include "tapedeck/ingest/salvage.hpp"

#include "base/clock.hpp"
#include "base/file.hpp"
#include "ingest/capture_file.hpp"
#include "store/core.hpp"
#include "store/coverage_rows.hpp"
#include "store/live_tape.hpp"
#include "store/loads.hpp"
#include "store/replay.hpp"
#include "tapedeck/ingest/importer.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <system_error>
#include <utility>

namespace tapedeck {
namespace {

namespace fs = std::filesystem;

bool opens(const fs::path& folder) {
  try {
    Store store{folder, {.mode = OpenMode::write}};
    // A damaged block shows when it is read.
    const auto reader = store.core().borrow_reader();
    reader->run("SELECT count(*), max(price), max(trade_id), max(ts_event) FROM tape.trades");
    reader->run("SELECT count(*), max(\"begin\"), max(rows_hash) FROM tape.bars_1m");
    reader->run("SELECT count(*), max(ts_event) FROM tape.quotes");
    return true;
  } catch (const Error& error) {
    const bool damaged = error.code() == ErrorCode::corrupt || error.code() == ErrorCode::engine ||
                         error.code() == ErrorCode::io ||
                         error.code() == ErrorCode::schema_mismatch ||
                         error.code() == ErrorCode::not_a_store;
    if (!damaged) throw;
    return false;
  }
}

class Salvage {
 public:
  Salvage(const fs::path& store, const std::function<void(const std::string&)>& say)
      : store_{store},
        say_{say},
        aside_{store / "damaged" / std::to_string(now_epoch_ns() / 1'000'000'000)} {}

  SalvageReport run() {
    check_place();
    if (opens(store_)) return std::move(report_);
    report_.kept = aside_;
    if (fs::exists(store_ / "store.duckdb.wal")) {
      say_("the store does not open; trying without its WAL");
      set_aside("store.duckdb.wal");
      if (opens(store_)) {
        report_.outcome = SalvageOutcome::from_wal;
        Store store{store_, {.mode = OpenMode::write}};
        import_missing(store);
        finish(store);
        return std::move(report_);
      }
    }
    say_("the database is damaged: building it again from the journal");
    rebuild();
    return std::move(report_);
  }

 private:
  void check_place() {
    std::error_code error;
    if (!fs::is_directory(store_, error)) {
      throw Error{ErrorCode::not_found, fmt::format("there is no store at '{}'", store_.string())};
    }
    if (!fs::exists(store_ / "store.duckdb", error) && !fs::exists(store_ / "tape", error)) {
      throw Error{
          ErrorCode::not_a_store,
          fmt::format("'{}' is no store: it has neither store.duckdb nor a journal in tape/",
                      store_.string())};
    }
  }

  void set_aside(const char* name) {
    if (!fs::exists(store_ / name)) return;
    fs::create_directories(aside_);
    fs::rename(store_ / name, aside_ / name);
    sync_folder(aside_);
    sync_folder(store_);
  }

  // The new database grows beside the damaged one and takes its place when it is whole.
  void rebuild() {
    const fs::path beside = store_ / "salvage.tmp";
    fs::remove_all(beside);
    find_what_the_journal_has();
    if (!store_id_) {
      throw Error{ErrorCode::corrupt,
                  fmt::format("'{}' cannot be built again: there is no journal in tape/; put back "
                              "a copy from backups/, or import the files into a new store",
                              store_.string())};
    }
    {
      Store store{beside, {.mode = OpenMode::create}};
      prepare(store);
      replay(store);
      finish(store);
      store.core().checkpoint();
    }
    set_aside("store.duckdb");
    set_aside("store.duckdb.wal");
    set_aside("store.duckdb.guard");
    fs::rename(beside / "store.duckdb", store_ / "store.duckdb");
    sync_folder(store_);
    fs::remove_all(beside);
    report_.outcome = SalvageOutcome::rebuilt;
  }

  // One pass for what has to be known before the first frame is applied.
  void find_what_the_journal_has() {
    JournalReader reader{store_};
    bool first = true;
    while (const std::optional<JournalItem> item = reader.next()) {
      const Frame* const frame = std::get_if<Frame>(&*item);
      if (frame == nullptr) continue;
      if (std::exchange(first, false) && frame->sequence > 1) {
        report_.lost.push_back(fmt::format(
            "frames 1 to {} are no longer in the journal: what was recorded before {} is lost",
            frame->sequence - 1, to_iso(frame->ts_recv)));
      }
      const auto content = read_payload(*frame);
      if (!content) continue;
      if (const auto* row = std::get_if<InstrumentRow>(&*content)) {
        instruments_.emplace(frame->instrument, row->name);
      }
    }
    store_id_ = reader.store_id();
  }

  // The store's own id, and its instruments with the numbers that the frames have.
  void prepare(Store& store) {
    store.core().live_tape().close();  // the journal is there already
    store.core().write([&](duck::Transaction& transaction) {
      transaction.connection()
          .prepare("UPDATE tape.store_facts SET value = ? WHERE key = 'store_id'")
          .bind(1, std::string_view{*store_id_})
          .run();
      for (const auto& [id, name] : instruments_) {
        Catalogue::find_or_insert_venue(transaction, name.venue);
        Catalogue::insert_as(transaction, id, name);
      }
    });
    const auto reader = store.core().borrow_reader();
    store.core().catalogue().load(*reader);
  }

  void replay(Store& store) {
    Applier applier{store.core(), Session::continued};
    Replay replay{applier, refused_frames(store_),
                  [&](const PendingFrame& frame, const Error& error) {
                    report_.lost.push_back(
                        fmt::format("frame {}: {}", frame.position.sequence, error.what()));
                  }};
    JournalReader reader{store_};
    while (const std::optional<JournalItem> item = reader.next()) {
      if (const auto* damage = std::get_if<JournalDamage>(&*item)) {
        report_.lost.push_back(fmt::format("'{}': {}", damage->segment.string(), damage->reason));
        replay.apply_group();
        applier.begin_session("the journal is damaged");
        continue;
      }
      const Frame& frame = std::get<Frame>(*item);
      auto content = read_payload(frame);
      if (!content) {
        report_.lost.push_back(fmt::format("frame {}: {}", frame.sequence, content.error()));
        continue;
      }
      if (const auto* note = std::get_if<LoadNote>(&*content)) {
        replay.apply_group();
        import_again(store, *note);
      }
      if (const auto* statement = std::get_if<StatementNote>(&*content)) {
        report_.lost.push_back(
            fmt::format("what this statement changed: {}", statement->sql.substr(0, 200)));
      }
      replay.add(frame, std::move(*content), reader.position());
    }
    replay.apply_group();
    report_.frames = replay.frames();
    applier.end_recordings();
  }

  // Imports that the database does not know although the journal does.
  void import_missing(Store& store) {
    JournalReader reader{store_};
    while (const std::optional<JournalItem> item = reader.next()) {
      const Frame* const frame = std::get_if<Frame>(&*item);
      if (frame == nullptr || frame->kind != FrameKind::load) continue;
      const auto content = read_payload(*frame);
      if (!content) continue;
      const auto& note = std::get<LoadNote>(*content);
      const bool loaded =
          is_loaded(*store.core().borrow_reader(), note.sha256, std::nullopt, std::nullopt);
      if (!loaded) import_again(store, note);
    }
  }

  void import_again(Store& store, const LoadNote& note) {
    const auto lost = [&](std::string_view why) {
      report_.lost.push_back(fmt::format("{} rows of {} {} from '{}': {}", note.rows,
                                         note.instrument, note.dataset, note.path, why));
      note_gap(store, note);
    };
    std::error_code error;
    if (!fs::exists(note.path, error)) return lost("the file is no longer there");
    const bool is_capture = note.dataset == kCaptureDataset;
    const std::string sha256 =
        is_capture ? open_capture(note.path).sha256 : sha256_hex(MappedFile{note.path}.bytes());
    if (sha256 != note.sha256) return lost("the file is not the one that was imported");
    if (!is_capture && !note.read_as.empty()) {
      return lost("it is a table: import it again with the same flags");
    }
    ImportOptions options;
    if (is_capture && !note.read_as.empty()) options.instrument_prefix = note.read_as;
    if (!is_capture) {
      options.market = note.instrument.starts_with("binance-um:")   ? "um"
                       : note.instrument.starts_with("binance-cm:") ? "cm"
                                                                    : "spot";
    }
    options.max_errors = INT64_MAX;
    say_(fmt::format("importing '{}' again", note.path));
    const fs::path path = note.path;
    const ImportSummary summary = import_files(store, std::span{&path, 1}, options);
    if (summary.failed > 0) return lost(summary.files.front().message);
    ++report_.files;
  }

  // Coverage says of the hole that it leaves why it is there.
  static void note_gap(Store& store, const LoadNote& note) {
    const auto name = parse_instrument_name(note.instrument);
    const auto instrument = name ? store.find_instrument(*name) : std::nullopt;
    if (!instrument) return;
    store.core().write([&](duck::Transaction& transaction) {
      const auto rows = coverage_rows(transaction.connection(), instrument->id, note.dataset);
      Timestamp end = Timestamp::min();
      for (const CoverageRow& row : rows)
        end = std::max(end, row.range.end);
      if (rows.empty()) return;
      insert_coverage(transaction, instrument->id,
                      {.dataset = note.dataset,
                       .range = {.begin = end, .end = end},
                       .status = CoverageStatus::gap,
                       .cause = fmt::format("salvage: '{}' could not be imported again", note.path),
                       .source = "salvage"});
    });
  }

  void finish(Store& store) { report_.trades = store.stats().trades; }

  // Constant after construction
  fs::path store_;
  const std::function<void(const std::string&)>& say_;
  fs::path aside_;

  std::optional<std::string> store_id_;
  std::map<InstrumentId, InstrumentName> instruments_;
  SalvageReport report_;
};

}  // namespace

SalvageReport salvage(const std::filesystem::path& store,
                      const std::function<void(const std::string&)>& say) {
  return Salvage{store, say}.run();
}

}  // namespace tapedeck
