#include "base/file.hpp"
#include "cli/answer.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

namespace tapedeck {
namespace {

std::string read_standard_input() {
  std::string text;
  std::array<char, 65536> buffer{};
  while (true) {
    const ssize_t got = read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got == 0) return text;
    if (got > 0) {
      text.append(buffer.data(), static_cast<size_t>(got));
    } else if (errno != EINTR) {
      fail_io("read", "standard input", errno);
    }
  }
}

// Hands rows on until the output wants no more; then ends a reading statement by Error{cancelled},
// the one way that a sink has. A writing one goes on: stopping it would undo it.
class OutputSink final : public RowSink {
 public:
  OutputSink(Output& output, SqlAccess access) : output_{output}, access_{access} {}

  void begin(std::span<const Column> columns) override {
    has_columns_ = !columns.empty();
    if (has_columns_) output_.begin(columns);
  }

  void row(std::span<const Cell> cells) override {
    if (output_.row(cells) == KeepGoing::go_on) return;
    if (access_ == SqlAccess::write && !interrupted()) return;
    full_ = true;
    throw Error{ErrorCode::cancelled, "no more rows are wanted"};
  }

  // The command ends the output, also where the statement was stopped.
  void end() override {}

  bool full() const { return full_; }
  bool has_columns() const { return has_columns_; }

 private:
  // Constant after construction
  Output& output_;
  SqlAccess access_;

  bool has_columns_ = false;
  bool full_ = false;
};

class SqlCommand final : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("STATEMENTS", sql_, "SQL, or - to read it from standard input")->type_name("");
    app.add_flag("--write", write_, "let statements change the store");
    app.add_option("--profile", profile_,
                   fmt::format("when reading, names without a schema mean the views of this one "
                               "first: {}",
                               fmt::join(sql_profiles(), ", ")))
        ->type_name("NAME");
    add_output_options(app, output_);
    add_store_options(app, store_);
  }

  int run() override {
    if (sql_.empty()) {
      throw Error{ErrorCode::invalid_argument,
                  "which SQL? e.g. tapedeck sql 'SELECT count(*) FROM trades'"};
    }
    Store store = open_store(store_, write_ ? OpenMode::write : OpenMode::read);
    if (sql_ == "-") sql_ = read_standard_input();
    Output output{output_};
    const SqlAccess access = write_ ? SqlAccess::write : SqlAccess::read;
    OutputSink sink{output, access};
    try {
      run_sql(store, sql_, access, sink, profile_);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::cancelled || !sink.full()) throw;
    }
    if (sink.has_columns()) output.end();
    print_notes(output, nullptr, store_);
    return kExitOk;
  }

 private:
  StoreChoice store_;
  OutputOptions output_;
  std::string sql_;
  std::string profile_;
  bool write_ = false;
};

}  // namespace

std::unique_ptr<Command> make_sql_command() {
  return std::make_unique<SqlCommand>();
}

}  // namespace tapedeck
