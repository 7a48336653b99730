#include "store/recovery.hpp"

#include "base/log.hpp"
#include "store/core.hpp"
#include "store/coverage_rows.hpp"
#include "store/replay.hpp"
#include "tape/journal.hpp"
#include "tape/segment.hpp"

#include <fmt/format.h>

#include <system_error>
#include <utility>

namespace tapedeck {
namespace {

class Recovery {
 public:
  Recovery(StoreCore& core, JournalPosition applied)
      : core_{core},
        applied_{applied},
        applier_{core, Session::continued},
        replay_{applier_, refused_frames(core.location().folder, applied),
                [this](const PendingFrame& frame, const Error& error) { refuse(frame, error); }} {}

  void run() {
    JournalReader reader{core_.location().folder, applied_};
    while (std::optional<JournalItem> item = reader.next()) {
      if (const auto* damage = std::get_if<JournalDamage>(&*item)) {
        replay_.apply_group();
        note_damage(*damage, reader.position());
        continue;
      }
      take(std::get<Frame>(*item), reader.position());
    }
    replay_.apply_group();
    note_end(reader.position());
    applier_.end_recordings();
    if (replay_.frames() > 0) log::info("journal: {} frames were applied", replay_.frames());
  }

 private:
  void take(const Frame& frame, JournalPosition position) {
    auto content = read_payload(frame);
    if (!content) {
      throw Error{ErrorCode::unsupported,
                  fmt::format("frame {} of the journal in '{}' cannot be applied: {}; use the "
                              "tapedeck that wrote it, or a newer one",
                              frame.sequence, core_.location().folder.string(), content.error())};
    }
    replay_.add(frame, std::move(*content), position);
  }

  void refuse(const PendingFrame& frame, const Error& error) const {
    // Whose rows they are is not known.
    if (std::holds_alternative<InstrumentRow>(*frame.content)) throw Error{error};
    log::warn("journal: frame {} is not applied: {}", frame.position.sequence, error.what());
    applier_.keep_rejects({{.reason = error.what(),
                            .text = fmt::format("journal frame {}", frame.position.sequence)}});
  }

  // What is no frame is not looked at again.
  void note_end(JournalPosition end) {
    core_.write([&](duck::Transaction& transaction) {
      if (applied_position(transaction.connection()) != end) {
        set_applied_position(transaction, end);
      }
    });
  }

  // Which instruments had rows in it cannot be told: the hole behind each one's last row gets the
  // cause, if there is a hole.
  void note_damage(const JournalDamage& damage, JournalPosition behind) {
    const std::string cause = damage.first_sequence && damage.last_sequence
                                  ? fmt::format("journal frames {} to {} are damaged",
                                                *damage.first_sequence, *damage.last_sequence)
                                  : "the journal is damaged";
    applier_.begin_session(cause);
    log::warn("journal: '{}': {}; {}", damage.segment.string(), damage.reason, cause);
    core_.write([&](duck::Transaction& transaction) {
      set_applied_position(transaction, behind);
      for (const Instrument& instrument : core_.catalogue().all()) {
        for (const Grain grain : {Grain::trade, Grain::aggregate}) {
          const auto rows =
              coverage_rows(transaction.connection(), instrument.id, dataset_of(grain));
          if (rows.empty()) continue;
          Timestamp end = rows.front().range.end;
          for (const CoverageRow& row : rows)
            end = std::max(end, row.range.end);
          insert_coverage(transaction, instrument.id,
                          {.dataset = dataset_of(grain),
                           .range = {.begin = end, .end = end},
                           .status = CoverageStatus::gap,
                           .cause = cause,
                           .source = "journal"});
        }
      }
    });
  }

  // Constant after construction
  StoreCore& core_;
  JournalPosition applied_;

  Applier applier_;
  Replay replay_;
};

bool has_open_recordings(duck::Connection& connection) {
  duck::Result rows = connection.run(
      "SELECT (SELECT count(*) FROM tape.open_minutes) + (SELECT count(*) FROM tape.live_books)");
  rows.next_row();
  return rows.int64(0) > 0;
}

}  // namespace

bool needs_recovery(StoreCore& core) {
  if (core.location().in_memory()) return false;
  const auto reader = core.borrow_reader();
  if (has_open_recordings(*reader)) return true;
  const JournalPosition applied = applied_position(*reader);
  for (const SegmentFile& segment : segments_in(core.location().folder / "tape")) {
    if (segment.number < applied.segment) continue;
    std::error_code error;
    const uint64_t size = std::filesystem::file_size(segment.path, error);
    if (error) continue;
    const uint64_t known = segment.number == applied.segment ? applied.offset : kSegmentHeaderBytes;
    if (size > known) return true;
  }
  return false;
}

void recover(StoreCore& core) {
  JournalPosition applied;
  {
    const auto reader = core.borrow_reader();
    applied = applied_position(*reader);
  }
  // Cuts off what a crash has torn, and says whose journal it is.
  if (!segments_in(core.location().folder / "tape").empty()) {
    const Journal journal{core.location().folder, core.store_id(), applied, core.journal_options()};
  }
  Recovery{core, applied}.run();
}

}  // namespace tapedeck
