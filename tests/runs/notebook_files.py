"""Notebooks as files, for the tests of runs."""

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

PARAMETERS = 'period = ""\nunit = ""\ndata = ""\nout = ""\nas_of = ""\nwindow = ""\nlang = ""\n'

TABLES = {
    "units": "unit_code,unit_name,kind\nVP,Văn phòng,division\nCCVC,Công chức viên chức,division\n",
    "procedures": "procedure_code,procedure_name,field,unit_code,online_level,has_fee\n"
    "T1,Cấp phép,Nội vụ,CCVC,full,true\n",
    "cases": "case_id,procedure_code,unit_code,channel,received_at,due_at,finished_at,outcome\n"
    "H1,T1,CCVC,online,2024-10-01T08:00:00,2024-10-10T00:00:00,2024-10-09T09:00:00,granted\n"
    "H2,T1,CCVC,in_person,2024-10-02T08:00:00,2024-10-10T00:00:00,2024-10-12T09:00:00,granted\n"
    "H3,T1,VP,online,2024-11-02T08:00:00,2024-11-10T00:00:00,2024-11-10T23:00:00,granted\n"
    "H4,T1,VP,online,2024-11-03T08:00:00,2025-01-10T00:00:00,,\n",
}


def write_notebook(path, *sources, parameters=PARAMETERS):
    cells = [new_code_cell(parameters, metadata={"tags": ["parameters"]})] if parameters is not None else []
    cells += [new_code_cell(source) for source in sources]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells, metadata=kernel), path)
    return path
