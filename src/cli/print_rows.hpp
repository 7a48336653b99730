// Rows that are all there already, on the way to where the user wants them.
#pragma once

#include "cli/answer.hpp"
#include "cli/cell_row.hpp"
#include "cli/command.hpp"
#include "cli/output.hpp"

#include <span>

namespace tapedeck {

// Gives the exit code.
template <typename Rows, typename ToRow>
int print_rows(const StoreChoice& store, const OutputOptions& options,
               std::span<const Column> columns, const Rows& rows, const ToRow& to_row) {
  Output output{options};
  output.begin(columns);
  for (const auto& row : rows) {
    if (output.row(to_row(row).cells()) == KeepGoing::stop) break;
  }
  output.end();
  print_notes(output, nullptr, store);
  return kExitOk;
}

}  // namespace tapedeck
